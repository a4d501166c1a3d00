{% macro is_email(value) -%}
    {%- set word = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+" -%}
    {%- set name = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?' -%}
    {#- Two letters and two hyphens are kept for names in other scripts, xn--. -#}
    coalesce(
        {{ matches(
            value,
            '^' ~ word ~ '([.]' ~ word ~ ')*@(' ~ name ~ '[.])+[a-z]([a-z0-9-]{0,61}[a-z])$'
        ) }}
        and not {{ matches(value, '[@.]([a-wyz0-9][a-z0-9]|x[a-mo-z0-9])--') }}
        and not {{ is_too_long_email(value) }},
        false
    )
{%- endmacro %}
