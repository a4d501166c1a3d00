{% macro sql_list(values) -%}
    {%- set quoted = [] -%}
    {%- for value in values -%}{%- do quoted.append(sql_text(value)) -%}{%- endfor -%}
    {{ return('(' ~ (quoted | join(', ')) ~ ')') }}
{%- endmacro %}
