{% macro matches(text, pattern) -%}
    {{ return(by_engine(
        duckdb='regexp_matches(' ~ text ~ ', ' ~ sql_pattern(pattern) ~ ')',
        spark='regexp_like(' ~ text ~ ', ' ~ sql_pattern(pattern) ~ ')',
    )) }}
{%- endmacro %}
