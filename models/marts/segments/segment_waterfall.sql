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
        left_count,
        met_count
    from counted
    unpivot include nulls (
        (left_count, met_count) for condition_name in (
            {%- for name in condition_names(segments) %}
            ({{ name }}, {{ name }}_alone) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )

),

texts (
    condition_name,
    segment,
    condition_number,
    condition_en,
    condition_ko,
    test,
    threshold,
    customer_reason_en,
    customer_reason_ko
) as (

    values
    {{ condition_texts(segments) }}

),

waterfall as (

    select
        texts.segment,
        texts.condition_number,
        texts.condition_en,
        texts.condition_ko,
        steps.candidate_count::bigint as candidate_count,
        coalesce(steps.met_count, 0)::bigint as met_count,
        coalesce(steps.left_count, 0)::bigint as left_count
    from steps
    inner join texts
        on steps.condition_name = texts.condition_name

)

select * from waterfall
