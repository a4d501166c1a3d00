{% macro safe_reason(reason, test, value) -%}
    {#- What may be told to the customer: only that something is there, never its lack. -#}
    {%- set is_there = test == 'known' and value is true -%}
    {%- if test in ('is', 'in', 'has', 'has_any', 'has_all') -%}
        {%- set values = [value] if test in ('is', 'has') else value -%}
        {%- set is_there = not values | select('false') | list
            and not values | select('in', ['none', 'unknown']) | list -%}
    {%- elif test in ('at_least', 'above', 'between') -%}
        {#- A number that may be 0 says that there may be nothing; a day is there. -#}
        {%- set least = value[0] if test == 'between' else value -%}
        {%- set is_there = least is not number or least > 0
            or (test == 'above' and least == 0) -%}
    {%- endif -%}
    {%- if reason and is_there -%}
        {{ return(reason) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
