{% macro hidden_with_complement(is_hidden, counted, cells) -%}
    {#- What a total would give away is hidden with one cell more: the next smallest that
        somebody is in. -#}
    (
        {{ is_hidden }}
        or (
            sum(case when {{ is_hidden }} then 1 else 0 end) over (
                partition by {{ cells.of }}
            ) = 1
            and row_number() over (
                partition by {{ cells.of }}
                order by
                    case when {{ is_hidden }} then 0 else 1 end,
                    case when {{ counted }} > 0 then 0 else 1 end,
                    {{ counted }},
                    {{ cells.key }}
            ) = 2
        )
    )
{%- endmacro %}
