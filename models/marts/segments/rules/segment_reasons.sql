{#- A view: it costs what is asked of it, a customer's or a segment's rows. -#}
{{ config(materialized=long_view()) }}

{%- set conditions = outer_conditions(resolved_segments()) -%}
{%- set observations = ['flags.*'] -%}
{%- for condition in conditions -%}
    {%- do observations.extend([
        (condition.observed or 'null') ~ '::string as ' ~ condition.column ~ '_value',
        days_until_unmet(condition) ~ '::int as ' ~ condition.column ~ '_days',
    ]) -%}
{%- endfor %}

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

rule_facts as (

    select * from {{ ref('int_rule_facts') }}

),

flags as (

    select * from {{ ref('int_segment_flags') }}

),

conditions as (

    select * from {{ ref('int_segment_conditions') }}

),

definitions as (

    select * from {{ ref('int_segment_definitions') }}

),

observed as (

    select
        {{ observations | join(',\n        ') }}
    from customers
    inner join rule_facts
        on customers.customer_id = rule_facts.customer_id
    inner join flags
        on customers.customer_id = flags.customer_id

),

answered as (

    select
        customer_id,
        condition_name,
        is_met,
        observed_value,
        days_until_unmet
    from observed
    unpivot include nulls (
        (is_met, observed_value, days_until_unmet) for condition_name in (
            {%- for condition in conditions %}
            {%- set name = condition.column %}
            ({{ name }}, {{ name }}_value, {{ name }}_days) as {{ name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )

),

reasons as (

    select
        conditions.segment,
        answered.customer_id,
        conditions.condition_number,
        conditions.condition_en,
        conditions.condition_ko,
        answered.observed_value,
        conditions.test,
        conditions.threshold,
        case when definitions.data_state = 'known' then answered.is_met end as is_met,
        case when answered.is_met then answered.days_until_unmet end
            as days_until_unmet,
        case when answered.is_met then conditions.customer_reason_en end
            as customer_reason_en,
        case when answered.is_met then conditions.customer_reason_ko end
            as customer_reason_ko
    from answered
    inner join conditions
        on answered.condition_name = conditions.condition_name
    inner join definitions
        on conditions.segment = definitions.segment

)

select * from reasons
