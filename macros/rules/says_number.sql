{% macro says_number(text, value) -%}
    {#- Ids may have more digits than a double. A text such as 1_000 is no number, though
        DuckDB would cast it. -#}
    {%- set pattern = '^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$' -%}
    {%- set number = '%.9f' % value if value is float else value | string -%}
    {{ return(
        'case when ' ~ matches(text, pattern) ~ ' then try_cast(' ~ text
        ~ ' as decimal(38, 9)) end = try_cast(' ~ sql_text(number) ~ ' as decimal(38, 9))'
    ) }}
{%- endmacro %}
