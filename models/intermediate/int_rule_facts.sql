{#- The columns follow from the rules. A kind of fact that no rule asks for costs nothing. -#}
{%- set facts = rule_facts(resolved_segments()) -%}
{%- set sequence_length = facts.sequence | map(attribute='steps') | map('length') | max
    if facts.sequence else 0 -%}

-- depends_on: {{ ref('customer_days') }}, {{ ref('int_customer_actions') }}

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
        {%- for fact in facts.last %}
        max(case when {{ fact.counted }} > 0 then active_on end) as {{ fact.column }},
        {%- endfor %}
        {%- for fact in facts.days %}
        {{ day_count(fact) }} as {{ fact.column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('customer_days') }}
    group by customer_id

),

{% endif -%}
{% if facts.actions -%}
action_counts as (

    select
        actions.customer_id,
        {%- for fact in facts.actions %}
        {{ action_count(fact) }} as {{ fact.column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_customer_actions') }} as actions
    where actions.event_name in {{ sql_list(facts.actions | map(attribute='event') | unique | sort) }}
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
    where event_name in {{ sql_list(
        (facts.sequence | map(attribute='steps') | sum(start=[])
        + facts.sequence | map(attribute='then_not') | select | list) | unique | sort
    ) }}

),

{% for step in range(1, sequence_length + 1) -%}
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
        {%- for fact in facts.sequence %}
        max({{ sequence_outcome(fact) }}) as {{ fact.column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from steps_{{ sequence_length }}
    group by customer_id

),

{% endif -%}
{% if facts.since or facts.cohort -%}
recorded as (

    select
        customer_id,
        {%- for fact in facts.since %}
        case
            when {{ recorded_net(fact.segment) }} = 1
                then max(case when segment = {{ sql_text(fact.segment) }} then changed_on end)
        end as since_{{ fact.segment }},
        {%- endfor %}
        {%- for fact in facts.cohort %}
        {{ recorded_net(fact.segment, fact.day) }} = 1 as {{ fact.column }},
        {%- endfor %}
        count(*) as change_count
    from {{ recorded_changes() }}
    group by customer_id

),

{% endif -%}
gathered as (

    select
        {%- for fact in facts.days + facts.actions %}
        coalesce({{ fact.column }}, 0) as {{ fact.column }},
        {%- endfor %}
        {%- for fact in facts.last %}
        {{ fact.column }},
        {%- endfor %}
        {%- for fact in facts.sequence %}
        coalesce(sequences.{{ fact.column }}, false) as {{ fact.column }},
        {%- endfor %}
        {%- for fact in facts.rank %}
        case
            when customers.{{ fact.trait }} is not null
                then row_number() over (
                    order by customers.{{ fact.trait }} desc nulls last, customers.customer_id
                )
        end as {{ fact.column }},
        count(customers.{{ fact.trait }}) over () as count_of_{{ fact.trait }},
        {%- endfor %}
        {%- for fact in facts.held %}
        {{ days_between('customers.' ~ fact.since, as_of_date()) }} + 1 as {{ fact.column }},
        {%- endfor %}
        {%- for fact in facts.since %}
        -- who enters today is in on the first day
        coalesce(
            {{ days_between('recorded.since_' ~ fact.segment, as_of_date()) }} + 1, 1
        ) as {{ fact.column }},
        {%- endfor %}
        {%- for fact in facts.cohort %}
        -- null on the day itself: the rule decides
        case
            when {{ as_of_date() }} < date '{{ fact.day }}' then false
            when {{ as_of_date() }} > date '{{ fact.day }}'
                then coalesce(recorded.{{ fact.column }}, false)
        end as {{ fact.column }},
        {%- endfor %}
        customers.customer_id
    from customers
    {%- if facts.days %}
    left join day_counts
        on customers.customer_id = day_counts.customer_id
    {%- endif %}
    {%- if facts.actions %}
    left join action_counts
        on customers.customer_id = action_counts.customer_id
    {%- endif %}
    {%- if facts.sequence %}
    left join sequences
        on customers.customer_id = sequences.customer_id
    {%- endif %}
    {%- if facts.since or facts.cohort %}
    left join recorded
        on customers.customer_id = recorded.customer_id
    {%- endif %}

)

select * from gathered
