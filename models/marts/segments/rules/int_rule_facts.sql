{#- The columns follow from the rules; what no rule asks for costs nothing. -#}
{%- set facts = rule_facts(resolved_segments()) -%}
{%- set last_step = facts.sequence | map(attribute='steps') | map('length') | max
    if facts.sequence else 0 -%}

-- depends_on: {{ ref('customer_days') }}, {{ ref('int_customer_actions') }}
-- depends_on: {{ ref('int_segment_definitions') }}: rules are resolved once for all

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

{% if facts.days -%}
day_counts as (

    select
        customer_id,
        {{ fact_columns(facts, 'days') }}
    from {{ ref('customer_days') }}
    group by customer_id

),

{% endif -%}
{% if facts.actions -%}
action_counts as (

    select
        actions.customer_id,
        {{ fact_columns(facts, 'actions') }}
    from {{ ref('int_customer_actions') }} as actions
    where
        actions.event_name in {{ fact_events(facts.actions) }}
    group by actions.customer_id

),

{% endif -%}
{% if facts.sequence -%}
steps_0 as (

    select
        customer_id,
        event_name,
        occurred_at,
        occurred_on,
        product_id
    from {{ ref('int_customer_actions') }}
    where
        event_name in {{ fact_events(facts.sequence) }}

),

{% for step in range(1, last_step + 1) -%}
steps_{{ step }} as (

    select
        *,
        {{ sequence_steps(facts.sequence, step) }}
    from steps_{{ step - 1 }}

),

{% endfor -%}
sequences as (

    select
        customer_id,
        {{ fact_columns(facts, 'sequence') }}
    from steps_{{ last_step }}
    group by customer_id

),

{% endif -%}
{% if facts.since or facts.cohort -%}
recorded as (

    select
        customer_id,
        {{ fact_columns(facts, 'recorded') }}
    from {{ recorded_changes() }}
    group by customer_id

),

{% endif -%}
gathered as (

    select
        {{ gathered_facts(facts, rule_language().grain if execute else {}) }}
    from customers
    {% if facts.days %}
    left join day_counts
        on customers.customer_id = day_counts.customer_id
    {% endif %}
    {% if facts.actions %}
    left join action_counts
        on customers.customer_id = action_counts.customer_id
    {% endif %}
    {% if facts.sequence %}
    left join sequences
        on customers.customer_id = sequences.customer_id
    {% endif %}
    {% if facts.since or facts.cohort %}
    left join recorded
        on customers.customer_id = recorded.customer_id
    {% endif %}

)

select * from gathered
