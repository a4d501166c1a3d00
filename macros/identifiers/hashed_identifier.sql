{% macro hashed_identifier(identifier) -%}
    {#- Hashed again, a hash would match nobody, and that of nothing many. -#}
    case
        when not {{ matches(identifier, '^[0-9A-Fa-f]{64}$') }}
            then {{ sha256_hex('nullif(' ~ trimmed(identifier) ~ ", '')") }}
    end
{%- endmacro %}
