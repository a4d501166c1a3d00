{% macro lowered(text) -%}
    {#- Java lowers these two by what stands around them; all others letter by letter.
        Translating them first would cost DuckDB six times as much. -#}
    {{ return(by_engine(
        duckdb='lower(' ~ text ~ ')',
        spark='lower(translate(' ~ text ~ ", 'İΣ', 'iσ'))",
    )) }}
{%- endmacro %}
