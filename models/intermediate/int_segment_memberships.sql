{#- Families are named, not found, so that dbt knows what this waits for. -#}
{%- set families = [
    ref('demographic_segments'),
    ref('purchase_segments'),
    ref('behaviour_segments'),
    ref('lifecycle_segments'),
    ref('value_segments'),
] -%}
{%- set segments = segment_definitions().values() if execute else [] -%}

with

memberships as (

    {%- for segment in segments %}
    {%- for family in families if family.identifier == segment.model %}

    select
        '{{ segment.name }}' as segment,
        customer_id
    from {{ family }}
    where {{ segment.name }}

    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from memberships
