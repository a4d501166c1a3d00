{% macro json_text(column, key) -%}
    {%- if not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_-]*', key | string) -%}
        {{ exceptions.raise_compiler_error(
            "json_text: '" ~ key ~ "' is no key it can read; a letter or _ first, then "
            ~ 'letters, digits, _ and -.'
        ) }}
    {%- endif -%}
    {{ return(by_engine(
        duckdb='case when json_valid(' ~ column ~ ') then json_extract_string(' ~ column
            ~ ", '$.\"" ~ key ~ "\"') end",
        spark='get_json_object(' ~ column ~ ', ' ~ sql_text("$['" ~ key ~ "']") ~ ')',
    )) }}
{%- endmacro %}
