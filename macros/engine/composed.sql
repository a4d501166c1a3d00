{% macro composed(text) -%}
    {#- Spark has no Unicode forms: Hangul syllables are computed from their parts. -#}
    {{ return(by_engine(
        duckdb='nfc_normalize(' ~ text ~ ')',
        spark="array_join(transform(regexp_extract_all(" ~ text
            ~ ", '[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|(?s:.)', 0), part ->"
            ~ " case when part rlike '^[\u1100-\u1112][\u1161-\u1175]' then decode(unhex("
            ~ 'hex(44032 + ((ascii(part) - 4352) * 21 + ascii(substr(part, 2, 1)) - 4449)'
            ~ ' * 28 + case when length(part) = 3 then ascii(substr(part, 3, 1)) - 4519'
            ~ " else 0 end)), 'UTF-16BE') else part end), '')",
    )) }}
{%- endmacro %}
