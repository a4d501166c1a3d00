{{ config(group='warehouse') }}

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
{%- set segments = segment_definitions().values() if execute else [] -%}

-- the recorded members are those whose rule is true at the end of the as-of day
with

segment_members as (

    select * from {{ ref('segment_members') }}

),

matches as (

    select
        null::string as segment,
        null::string as customer_id
    where false

    {%- for segment in segments %}
    {%- for family in families if family.identifier == segment.model %}

    union all

    select
        '{{ segment.name }}' as segment,
        customer_id
    from {{ family }}
    where {{ segment.name }}
    {%- endfor %}
    {%- endfor %}

),

unequal as (

    select
        matches.segment as rule_says,
        segment_members.segment as record_says,
        coalesce(matches.customer_id, segment_members.customer_id) as customer_id
    from matches
    full outer join segment_members
        on
            matches.segment = segment_members.segment
            and matches.customer_id = segment_members.customer_id
    where matches.segment is null or segment_members.segment is null

)

select * from unequal
