{% macro sql_text(value) -%}
    {{ return(sql_list([value])[1:-1]) }}
{%- endmacro %}
