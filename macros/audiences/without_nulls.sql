{% macro without_nulls(given) -%}
    {#- A key without a value is a key that was not written. -#}
    {%- set written = {} -%}
    {%- for key, value in given.items() if value is not none -%}
        {%- do written.update({key: value}) -%}
    {%- endfor -%}
    {{ return(written) }}
{%- endmacro %}
