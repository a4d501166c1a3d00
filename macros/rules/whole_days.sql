{% macro whole_days(key, days, at) -%}
    {%- if days is not integer or days is boolean or not 1 <= days <= 3650 -%}
        {%- do rule_error(at, key ~ ' is ' ~ days ~ '; it takes whole days from 1 to 3650') -%}
    {%- endif -%}
    {{ return(days) }}
{%- endmacro %}
