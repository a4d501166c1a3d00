{%- set segments = resolved_segments() -%}

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

rule_facts as (

    select * from {{ ref('int_rule_facts') }}

),

conditions as (

    select * from {{ ref('int_segment_conditions') }}

),

counted as (

    select
        count(*) as candidate_count,
        {{ waterfall_counts(segments) }}
    from customers
    inner join rule_facts
        on customers.customer_id = rule_facts.customer_id

),

steps as (

    select
        condition_name,
        candidate_count,
        remaining_count,
        met_count
    from counted
    unpivot include nulls (
        (remaining_count, met_count) for condition_name in (
            {%- for name in condition_names(segments) %}
            ({{ name }}, {{ name }}_alone) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )

),

waterfall as (

    select
        conditions.segment,
        conditions.condition_number,
        conditions.condition_en,
        conditions.condition_ko,
        steps.candidate_count::bigint as candidate_count,
        coalesce(steps.met_count, 0)::bigint as met_count,
        coalesce(steps.remaining_count, 0)::bigint as remaining_count
    from steps
    inner join conditions
        on steps.condition_name = conditions.condition_name

)

select * from waterfall
