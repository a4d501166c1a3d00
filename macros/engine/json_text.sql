{% macro json_text(column, key) -%}
    {%- if not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_.-]*', key | string) -%}
        {{ exceptions.raise_compiler_error(
            "json_text: '" ~ key ~ "' is no key it can read; a letter or _ first, then "
            ~ 'letters, digits, _ . and -.'
        ) }}
    {%- endif -%}
    {%- set space = '[ \\t\\n\\r]*' -%}
    {#- Quoted, a number is a text like others: as it is written. -#}
    {%- set quoted = replace_all(
        column,
        '([{,]' ~ space ~ '"' ~ key.replace('.', '[.]') ~ '"' ~ space ~ ':' ~ space ~ ')'
            ~ '(-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)',
        '\\1"\\2"',
    ) -%}
    {#- Around its texts no JSON has what one engine forgives: NaN, a comma too many
        (DuckDB), apostrophes for quotes, control characters in a text (Spark). -#}
    {%- set around_texts = replace_all(
        replace_all(column, '\\\\["\\\\]', ''), '"[^"\\x00-\\x1f]*"', '0'
    ) -%}
    {%- set is_strict = 'not ' ~ matches(
        around_texts, '["\']|[nN][aA][nN]|[iI][nN][fF]|,' ~ space ~ '[\\]}]'
    ) -%}
    {#- Spark reads no further than the first value: only what reads alike within an array
        and within an object is one whole value. -#}
    {{ return(by_engine(
        duckdb='case when json_valid(' ~ column ~ ') and ' ~ is_strict
            ~ ' then case when json_type(' ~ column ~ ', \'$."' ~ key ~ '"\')'
            ~ " not in ('OBJECT', 'ARRAY') then json_extract_string(" ~ quoted
            ~ ', \'$."' ~ key ~ '"\') end end',
        spark='case when ' ~ is_strict ~ " and left(get_json_object('[' || " ~ column
            ~ " || ']', " ~ sql_text("$[*]['" ~ key ~ "']") ~ "), 1) not in ('{', '[')"
            ~ ' then get_json_object(\'{"_":\' || ' ~ quoted ~ " || '}', "
            ~ sql_text("$['_']['" ~ key ~ "']") ~ ') end',
    )) }}
{%- endmacro %}
