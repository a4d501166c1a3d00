{% macro matches(text, pattern) -%}
    {{ return(
        '(regexp_extract(' ~ text ~ ', ' ~ sql_pattern(pattern) ~ ", 0) <> '')"
    ) }}
{%- endmacro %}
