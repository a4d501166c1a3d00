{% macro masked(value) -%}
    left(
        {{ replace_all(
            replace_all(
                replace_all(
                    replace_all(value ~ '::string', '\\p{N}', '9'),
                    '\\p{Hangul}', '\uE000'
                ), '[\\p{L}\\p{M}]', 'a'
            ), '\uE000', '가'
        ) }},
        40
    )
{%- endmacro %}
