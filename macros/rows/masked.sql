{% macro masked(value) -%}
    left(
        {{ replace_all(
            replace_all(
                replace_all(value ~ '::string', '[0-9]', '9'), '[A-Za-z]', 'a'
            ), '[가-힣]', '가'
        ) }},
        40
    )
{%- endmacro %}
