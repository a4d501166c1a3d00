{% macro declared_at(changed_at, loaded_at) -%}
    case
        when {{ changed_at }} >= timestamp '1970-01-01 00:00:00'
            then {{ changed_at }}
        else coalesce({{ loaded_at }}, timestamp '9999-12-31 00:00:00')
    end
{%- endmacro %}
