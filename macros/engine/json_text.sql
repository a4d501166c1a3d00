{% macro json_text(column, key) -%}
    {{ return(by_engine(
        duckdb='case when json_valid(' ~ column ~ ') then json_extract_string(' ~ column
            ~ ', ' ~ sql_text('$."' ~ key ~ '"') ~ ') end',
        spark='get_json_object(' ~ column ~ ', ' ~ sql_text("$['" ~ key ~ "']") ~ ')',
    )) }}
{%- endmacro %}
