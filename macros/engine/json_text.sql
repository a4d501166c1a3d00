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
    {#- Without its texts no JSON has what one engine forgives: NaN and a comma too many
        (DuckDB); apostrophes, control characters and half characters in texts (Spark).
        Most have it nowhere, which is sooner seen. -#}
    {%- set forgiven = '[nN][aA][nN]|[iI][nN][fF]|,' ~ space ~ '[\\]}]' -%}
    {%- set hex = '[0-9a-fA-F]' -%}
    {%- set escapes = '\\\\(?:["\\\\/bfnrt]|u(?:[0-9a-cA-CefEF]' ~ hex ~ '{3}'
        ~ '|[dD][0-7]' ~ hex ~ '{2}'
        ~ '|[dD][89abAB]' ~ hex ~ '{2}\\\\u[dD][c-fC-F]' ~ hex ~ '{2}))' -%}
    {%- set without_texts = replace_all(
        replace_all(column, escapes, ''), '"[^"\\\\\\x00-\\x1f]*"', '0'
    ) -%}
    {%- set is_strict = '(not ' ~ matches(column, "['\\\\\\x00-\\x1f]|" ~ forgiven)
        ~ ' or not ' ~ matches(without_texts, '["\'\\\\]|' ~ forgiven) ~ ')' -%}
    {%- set path = ', ' ~ sql_text('$."' ~ key ~ '"') ~ ')' -%}
    {%- set kind = 'json_type(' ~ column ~ path -%}
    {#- Spark reads no further than the first value: only what reads alike within a list
        and within an object is one whole value. -#}
    {{ return(by_engine(
        duckdb='case when json_valid(' ~ column ~ ') and ' ~ is_strict
            ~ ' then case when ' ~ kind ~ " in ('VARCHAR', 'BOOLEAN')"
            ~ ' then json_extract_string(' ~ column ~ path ~ ' when ' ~ kind ~ " not in ('OBJECT', 'ARRAY') then json_extract_string("
            ~ quoted ~ path ~ ' end end',
        spark='case when ' ~ is_strict ~ " and left(get_json_object('[' || " ~ column
            ~ " || ']', " ~ sql_text("$[*]['" ~ key ~ "']") ~ "), 1) not in ('{', '[')"
            ~ ' then get_json_object(\'{"_":\' || ' ~ quoted ~ " || '}', "
            ~ sql_text("$['_']['" ~ key ~ "']") ~ ') end',
    )) }}
{%- endmacro %}
