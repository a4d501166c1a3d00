{#- A view: it costs what is asked of it, a customer's or a segment's rows. -#}
{{ config(materialized=long_view()) }}

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

facts as (

    select
        customers.customer_id,
        {{ condition_columns(segments) }}
    from customers
    inner join rule_facts
        on customers.customer_id = rule_facts.customer_id

),

answered as (

    select
        customer_id,
        condition_name,
        is_met,
        observed_value,
        days_until_unmet
    from facts
    unpivot include nulls (
        (is_met, observed_value, days_until_unmet) for condition_name in (
            {%- for name in condition_names(segments) %}
            ({{ name }}, {{ name }}_value, {{ name }}_days) as {{ name }}
            {{- ',' if not loop.last }}
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

reasons as (

    select
        texts.segment,
        answered.customer_id,
        texts.condition_number,
        texts.condition_en,
        texts.condition_ko,
        answered.is_met,
        answered.observed_value,
        nullif(texts.test, '') as test,
        nullif(texts.threshold, '') as threshold,
        case when answered.is_met then answered.days_until_unmet end
            as days_until_unmet,
        case when answered.is_met then nullif(texts.customer_reason_en, '') end
            as customer_reason_en,
        case when answered.is_met then nullif(texts.customer_reason_ko, '') end
            as customer_reason_ko
    from answered
    inner join texts
        on answered.condition_name = texts.condition_name

)

select * from reasons
