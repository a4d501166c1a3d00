{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns',
        pre_hook="{{ refuse_another_day() }}",
    )
}}

{%- set records = this if is_incremental() else none %}
{%- set recording = {
    'runs': ref('segment_runs'),
    'columns': ['segment'] + kpi_measures() | list,
} %}
{%- set needs = model_needs('segment_kpis') %}

with

segments as (

    select segment
    from {{ ref('segments') }}

),

segment_members as (

    select *
    from {{ ref('segment_members') }}
    where not is_stale

),

customers as (

    select * from {{ ref('int_window_customers') }}

),

outcomes as (

    select * from {{ ref('int_segment_outcomes') }}

),

sizes as (

    select
        segment,
        customer_count,
        entered,
        {{ adapter.quote("left") }} as left_count
    from {{ ref('segment_sizes') }}
    where as_of_date = {{ as_of_date() }} and customer_count is not null

),

behaviour as (

    select
        segment_members.segment,
        count_if(customers.active_days > 0) as active_customer_count,
        sum(customers.active_days) as active_days,
        sum(customers.engaged_minutes) as engaged_minutes,
        count_if(customers.last_app_on is not null) as app_customer_count,
        count_if(customers.has_shared) as sharing_customer_count,
        count_if(customers.has_reviewed) as reviewing_customer_count,
        count_if(customers.has_complained) as complaining_customer_count,
        count_if(customers.conversion_count > 0) as converted_customer_count,
        sum(customers.conversion_count) as conversion_count,
        count_if(customers.order_count > 0) as ordering_customer_count,
        sum(customers.order_count) as order_count,
        sum(customers.coupon_order_count) as coupon_order_count,
        sum(customers.gross_amount) as gross_amount,
        sum(customers.discount_amount) as discount_amount,
        sum(customers.net_revenue) as net_revenue,
        sum(customers.margin) as margin,
        sum(customers.charged_amount) as charged_amount,
        sum(customers.refunded_amount) as refunded_amount,
        sum(customers.delivered_count) as delivered_message_count,
        sum(customers.opened_count) as opened_message_count,
        sum(customers.clicked_count) as clicked_message_count,
        count_if(customers.is_reachable_by_email) as reachable_by_email_count,
        count_if(customers.is_reachable_by_sms) as reachable_by_sms_count,
        count_if(customers.is_reachable_by_push) as reachable_by_push_count,
        count_if(customers.is_reachable_by_alimtalk) as reachable_by_alimtalk_count,
        count_if(customers.is_reachable_by_brand_message)
            as reachable_by_brand_message_count,
        count_if(customers.is_reachable_by_in_app) as reachable_by_in_app_count
    from segment_members
    inner join customers
        on segment_members.customer_id = customers.customer_id
    group by segment_members.segment

),

data_sources as (

    select
        {{ source_flags(needs.values() | sum(start=[])) }}
    from {{ ref('data_sources') }}

),

measured as (

    select
        segments.segment
        {%- for measure, type in kpi_measures().items() %}
        {%- set source = 'sizes' if loop.index <= 3
            else 'outcomes' if measure.startswith('followed_') else 'behaviour' %},
        {{ known_or_null(
            'coalesce(' ~ source ~ '.' ~ measure ~ ', 0)', needs.get(measure, [])
        ) }}::{{ type }} as {{ measure }}
        {%- endfor %}
    from segments
    inner join sizes
        on segments.segment = sizes.segment
    cross join data_sources
    left join behaviour
        on segments.segment = behaviour.segment
    left join outcomes
        on segments.segment = outcomes.segment

),

numbered as (

    select *
    from {{ recorded_figures(records, 'measured', recording) }}

)

select * from numbered
