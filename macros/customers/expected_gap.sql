{% macro expected_gap() -%}
    {%- set shortest, longest = var('expected_gap_days') -%}
    {%- set weight = var('population_gap_weight') -%}
    least(greatest(
        case
            when own_gap_count = 0
                then first_gap_days::double
            else
                (own_gap_days + {{ weight }} * population_gap_days)::double
                / (own_gap_count + {{ weight }})
        end,
        {{ shortest }}
    ), {{ longest }})
{%- endmacro %}
