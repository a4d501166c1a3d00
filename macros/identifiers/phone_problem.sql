{% macro phone_problem(value) -%}
    case
        when {{ value }} is null
            then 'empty'
        when {{ is_mobile_number(value) }}
            then null
        when {{ matches(value, '^[+]?[0-9A-Fa-f]{62,64}$') }}
            then 'already_hashed'
        when {{ matches(value, '^[+]?[0-9]{16,}$') }}
            then 'too_long'
        when not {{ matches(value, '^[+][1-9][0-9]{6,14}$') }}
            then 'not_a_number'
        else 'not_a_mobile'
    end
{%- endmacro %}
