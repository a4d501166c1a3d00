{% macro split_rows(text, separator) -%}
    unnest(string_split({{ text }}, {{ sql_text(separator) }}))
{%- endmacro %}
