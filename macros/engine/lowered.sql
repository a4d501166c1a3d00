{% macro lowered(text) -%}
    {#- Java lowers these two by what stands around them; all others letter by letter. -#}
    {{ return(by_engine(
        duckdb='lower(' ~ text ~ ')',
        spark='lower(translate(' ~ text ~ ", 'İΣ', 'iσ'))",
    )) }}
{%- endmacro %}
