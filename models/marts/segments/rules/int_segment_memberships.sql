{#- Families are named, not found, so that dbt knows what this waits for. -#}
{%- set families = [
    ref('demographic_segments'),
    ref('purchase_segments'),
    ref('behaviour_segments'),
    ref('lifecycle_segments'),
    ref('value_segments'),
    ref('risk_segments'),
    ref('underserved_segments'),
] -%}
{%- set names_by_family = segment_names_by_family(families) -%}

with

memberships as (

    select
        null::string as segment,
        null::string as customer_id
    where false

    {%- for family in families if names_by_family.get(family.identifier) %}

    union all

    select
        segment,
        customer_id
    from {{ family }}
    unpivot (
        is_member for segment in ({{ names_by_family[family.identifier] | join(', ') }})
    )
    where is_member
    {%- endfor %}

)

select * from memberships
