{% macro region_aliases_in_force() -%}
    select
        alias,
        region
    from {{ ref('region_aliases') }}
    where
        coalesce(valid_from <= {{ as_of_date() }}, true)
        and coalesce(valid_to > {{ as_of_date() }}, true)
{%- endmacro %}
