{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns',
        pre_hook="{{ refuse_another_day() }}",
    )
}}

{%- set window_start = as_of_date() ~ ' - ' ~ (var('kpi_window_days') - 1) -%}
{%- set columns = kpi_measures() -%}

with

customers as (

    select * from {{ ref('customers') }}

),

segment_members as (

    select * from {{ ref('segment_members') }}

),

segments as (

    select segment
    from {{ ref('segments') }}

),

spells as (

    select * from {{ ref('segment_membership_spells') }}

),

purchase_stage_spells as (

    select * from {{ ref('purchase_stage_spells') }}

),

customer_days as (

    select *
    from {{ ref('customer_days') }}
    where active_on between {{ window_start }} and {{ as_of_date() }}

),

orders as (

    select *
    from {{ ref('orders') }}
    where
        is_revenue
        and customer_id is not null
        and ordered_on between {{ window_start }} and {{ as_of_date() }}

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where
        is_valid
        and ordered_on between {{ window_start }} and {{ as_of_date() }}

),

products as (

    select *
    from {{ ref('stg_products') }}
    where row_state = 'kept'

),

campaign_messages as (

    select *
    from {{ ref('stg_campaign_messages') }}
    where
        row_state = 'kept'
        and {{ business_date('sent_at') }} between {{ window_start }}
        and {{ as_of_date() }}

),

sizes as (

    select
        segment,
        customer_count,
        entered,
        {{ adapter.quote("left") }} as left_count
    from {{ ref('segment_sizes') }}
    where as_of_date = {{ as_of_date() }}

),

-- the run whose members these numbers are about
current_run as (

    select max(run_number) as run_number
    from {{ ref('segment_runs') }}
    where is_in_force and as_of_date = {{ as_of_date() }}

),

conversion as (

    select event
    from {{ ref('conversions') }}
    where conversion = {{ sql_text(var('conversion')) }}

),

window_days as (

    select
        customer_days.*,
        case conversion.event
            {%- for name, event in (event_registry() if execute else {}).items() %}
            when {{ sql_text(name) }} then customer_days.{{ event.column }}
            {%- endfor %}
            else 0
        end as conversion_count
    from customer_days
    cross join conversion

),

-- whether something happened after a day is whether it last happened after it
visits as (

    select
        customer_id,
        count(*) as active_days,
        floor(sum(duration_seconds) / 60) as engaged_minutes,
        sum(conversion_count) as conversion_count,
        max(case when app_event_count > 0 then 1 else 0 end) as app_count,
        max(case when share_count > 0 then 1 else 0 end) as sharing_count,
        max(case when review_count > 0 then 1 else 0 end) as reviewing_count,
        max(case when support_ticket_count > 0 then 1 else 0 end) as complaining_count,
        max(active_on) as last_active_on,
        max(case when conversion_count > 0 then active_on end) as last_converted_on,
        max(case when order_count > 0 then active_on end) as last_ordered_on,
        max(case when app_event_count > 0 then active_on end) as last_app_on,
        max(case when plan_change_count > 0 then active_on end) as last_plan_change_on,
        max(case when subscription_cancel_count > 0 then active_on end)
            as last_cancelled_on,
        max(case when unsubscribe_count > 0 then active_on end) as last_unsubscribed_on
    from window_days
    group by customer_id

),

costs as (

    select
        order_lines.order_id,
        sum(order_lines.quantity * products.unit_cost) as goods_cost
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    group by order_lines.order_id

),

window_orders as (

    select
        orders.*,
        coalesce(costs.goods_cost, 0) as goods_cost
    from orders
    left join costs
        on orders.order_id = costs.order_id

),

-- a fully refunded order is no order any more, but its refund counts
purchases as (

    select
        customer_id,
        sum(case when is_valid then 1 else 0 end) as order_count,
        sum(case when is_valid and coupon_code is not null then 1 else 0 end)
            as coupon_order_count,
        sum(case when is_valid then gross_amount else 0::decimal(18, 2) end)
            as gross_amount,
        sum(case when is_valid then discount_amount else 0::decimal(18, 2) end)
            as discount_amount,
        sum(case when is_valid then net_revenue else 0::decimal(18, 2) end)
            as net_revenue,
        sum(
            case
                when is_valid
                    then net_revenue::decimal(22, 4) - goods_cost::decimal(22, 4)
                else 0::decimal(22, 4)
            end
        ) as margin,
        sum(gross_amount - discount_amount) as charged_amount,
        sum(refunded_amount) as refunded_amount
    from window_orders
    group by customer_id

),

messages as (

    select
        customer_id,
        sum(case when delivered_at < {{ as_of_end() }} then 1 else 0 end)
            as delivered_count,
        sum(case when opened_at < {{ as_of_end() }} then 1 else 0 end) as opened_count,
        sum(case when clicked_at < {{ as_of_end() }} then 1 else 0 end)
            as clicked_count,
        max(
            case
                when unsubscribed_at < {{ as_of_end() }}
                    then {{ business_date('unsubscribed_at') }}
            end
        ) as last_unsubscribed_on
    from campaign_messages
    group by customer_id

),

-- churning takes longer than a month: of these there is one in a window
lapses as (

    select
        customer_id,
        max(valid_from) as churned_on,
        max(valid_to) as back_on
    from purchase_stage_spells
    where
        purchase_stage = 'churned'
        and coalesce(
            valid_to > {{ as_of_date() }} - {{ var('kpi_window_days') }}, true
        )
    group by customer_id

),

people as (

    select
        customers.customer_id,
        customers.purchase_stage,
        customers.first_ordered_on,
        customers.profile_completeness,
        lapses.churned_on,
        lapses.back_on,
        customers.is_reachable_by_email,
        customers.is_reachable_by_sms,
        customers.is_reachable_by_push,
        customers.is_reachable_by_alimtalk,
        customers.is_reachable_by_brand_message,
        customers.is_reachable_by_in_app,
        visits.last_active_on,
        visits.last_converted_on,
        visits.last_ordered_on,
        visits.last_app_on,
        visits.last_plan_change_on,
        visits.last_cancelled_on,
        coalesce(visits.active_days, 0) as active_days,
        coalesce(visits.engaged_minutes, 0) as engaged_minutes,
        coalesce(visits.conversion_count, 0) as conversion_count,
        coalesce(visits.app_count, 0) as app_count,
        coalesce(visits.sharing_count, 0) as sharing_count,
        coalesce(visits.reviewing_count, 0) as reviewing_count,
        coalesce(visits.complaining_count, 0) as complaining_count,
        greatest(visits.last_unsubscribed_on, messages.last_unsubscribed_on)
            as last_unsubscribed_on,
        coalesce(purchases.order_count, 0) as order_count,
        coalesce(purchases.coupon_order_count, 0) as coupon_order_count,
        coalesce(purchases.gross_amount, 0) as gross_amount,
        coalesce(purchases.discount_amount, 0) as discount_amount,
        coalesce(purchases.net_revenue, 0) as net_revenue,
        coalesce(purchases.margin, 0) as margin,
        coalesce(purchases.charged_amount, 0) as charged_amount,
        coalesce(purchases.refunded_amount, 0) as refunded_amount,
        coalesce(messages.delivered_count, 0) as delivered_count,
        coalesce(messages.opened_count, 0) as opened_count,
        coalesce(messages.clicked_count, 0) as clicked_count
    from customers
    left join visits
        on customers.customer_id = visits.customer_id
    left join purchases
        on customers.customer_id = purchases.customer_id
    left join messages
        on customers.customer_id = messages.customer_id
    left join lapses
        on customers.customer_id = lapses.customer_id

),

behaviour as (

    select
        segment_members.segment,
        sum(case when people.active_days > 0 then 1 else 0 end)
            as active_customer_count,
        sum(people.active_days) as active_days,
        sum(people.engaged_minutes) as engaged_minutes,
        sum(people.app_count) as app_customer_count,
        sum(people.sharing_count) as sharing_customer_count,
        sum(people.reviewing_count) as reviewing_customer_count,
        sum(people.complaining_count) as complaining_customer_count,
        sum(case when people.conversion_count > 0 then 1 else 0 end)
            as converted_customer_count,
        sum(people.conversion_count) as conversion_count,
        sum(case when people.order_count > 0 then 1 else 0 end)
            as ordering_customer_count,
        sum(people.order_count) as order_count,
        sum(people.coupon_order_count) as coupon_order_count,
        sum(people.gross_amount) as gross_amount,
        sum(people.discount_amount) as discount_amount,
        sum(people.net_revenue) as net_revenue,
        sum(people.margin) as margin,
        sum(people.charged_amount) as charged_amount,
        sum(people.refunded_amount) as refunded_amount,
        sum(people.delivered_count) as delivered_message_count,
        sum(people.opened_count) as opened_message_count,
        sum(people.clicked_count) as clicked_message_count,
        sum(case when people.is_reachable_by_email then 1 else 0 end)
            as reachable_by_email_count,
        sum(case when people.is_reachable_by_sms then 1 else 0 end)
            as reachable_by_sms_count,
        sum(case when people.is_reachable_by_push then 1 else 0 end)
            as reachable_by_push_count,
        sum(case when people.is_reachable_by_alimtalk then 1 else 0 end)
            as reachable_by_alimtalk_count,
        sum(case when people.is_reachable_by_brand_message then 1 else 0 end)
            as reachable_by_brand_message_count,
        sum(case when people.is_reachable_by_in_app then 1 else 0 end)
            as reachable_by_in_app_count
    from segment_members
    inner join people
        on segment_members.customer_id = people.customer_id
    group by segment_members.segment

),

-- found early enough to see what became of them, and in it at some time in the window
followed as (

    select
        segment,
        customer_id,
        greatest(
            min(valid_from), {{ as_of_date() }} - {{ var('kpi_window_days') }}
        ) as found_on
    from spells
    where
        valid_from <= {{ as_of_date() }} - {{ var('kpi_follow_up_days') }}
        and coalesce(
            valid_to > {{ as_of_date() }} - {{ var('kpi_window_days') }}, true
        )
    group by segment, customer_id

),

followed_people as (

    select
        followed.segment,
        followed.found_on,
        people.first_ordered_on,
        people.purchase_stage,
        people.profile_completeness,
        coalesce(people.first_ordered_on <= followed.found_on, false) as is_buyer,
        (
            coalesce(people.churned_on <= followed.found_on, false)
            and coalesce(people.back_on > followed.found_on, true)
        ) as was_churned,
        coalesce(people.last_active_on > followed.found_on, false) as is_active,
        coalesce(people.last_converted_on > followed.found_on, false) as is_converted,
        coalesce(people.last_ordered_on > followed.found_on, false) as has_ordered,
        coalesce(people.last_app_on > followed.found_on, false) as has_used_app,
        coalesce(people.last_unsubscribed_on > followed.found_on, false)
            as has_unsubscribed,
        coalesce(people.last_cancelled_on > followed.found_on, false) as has_cancelled,
        (
            coalesce(people.last_plan_change_on > followed.found_on, false)
            and coalesce(people.last_cancelled_on <= people.last_plan_change_on, true)
        ) as has_changed_plan,
        coalesce(people.last_active_on > {{ as_of_date() }} - 7, false) as is_retained
    from followed
    inner join people
        on followed.customer_id = people.customer_id

),

outcomes as (

    select
        segment,
        count(*) as followed_customer_count,
        sum(case when not is_buyer then 1 else 0 end) as followed_prospect_count,
        sum(case when is_buyer then 1 else 0 end) as followed_buyer_count,
        sum(case when is_converted then 1 else 0 end) as followed_converted_count,
        sum(case when is_active then 1 else 0 end) as followed_active_count,
        sum(case when is_retained then 1 else 0 end) as followed_retained_count,
        sum(case when has_ordered then 1 else 0 end) as followed_ordered_count,
        sum(case when has_ordered and not is_buyer then 1 else 0 end)
            as followed_first_order_count,
        sum(case when has_ordered and is_buyer then 1 else 0 end)
            as followed_repeat_count,
        sum(case when was_churned then 1 else 0 end) as followed_lapsed_count,
        sum(case when has_ordered and was_churned then 1 else 0 end)
            as followed_won_back_count,
        sum(case when is_buyer and purchase_stage = 'churned' then 1 else 0 end)
            as followed_churned_count,
        sum(case when has_used_app then 1 else 0 end) as followed_app_count,
        sum(case when profile_completeness = 1 then 1 else 0 end)
            as followed_profile_count,
        sum(case when has_changed_plan then 1 else 0 end)
            as followed_plan_change_count,
        sum(case when has_cancelled then 1 else 0 end) as followed_cancelled_count,
        sum(case when not has_cancelled then 1 else 0 end)
            as followed_uncancelled_count,
        sum(case when has_unsubscribed then 1 else 0 end) as followed_unsubscribed_count
    from followed_people
    group by segment

),

measured as (

    select
        segments.segment
        {%- for column in columns %}
        {%- set source = 'sizes' if loop.index <= 3
            else 'outcomes' if column.startswith('followed_') else 'behaviour' %}
        {%- set is_money = column in ('gross_amount', 'discount_amount', 'net_revenue',
            'margin', 'charged_amount', 'refunded_amount') %},
        coalesce({{ source }}.{{ column }}, 0)::{{ 'decimal(18, 2)' if is_money
            else 'bigint' }}
            as {{ column }}
        {%- endfor %}
    from segments
    inner join sizes
        on segments.segment = sizes.segment
    left join behaviour
        on segments.segment = behaviour.segment
    left join outcomes
        on segments.segment = outcomes.segment

),

{% if is_incremental() %}

{#- A measure that is new has not been recorded yet. -#}
{%- set recorded_columns =
    adapter.get_columns_in_relation(this) | map(attribute='name') | list %}

-- what was last recorded about this run
last_record as (

    select max(record_number) as record_number
    from {{ this }}

),

recorded as (

    select kpi_records.*
    from {{ this }} as kpi_records
    inner join current_run
        on kpi_records.run_number = current_run.run_number
    qualify
        kpi_records.record_number = max(kpi_records.record_number) over (
            partition by kpi_records.run_number
        )

),

-- the same numbers about the same run are nothing new
news as (

    select
        count(*) > 0
        and count(*) = sum(
            case
                when
                    measured.segment is not null
                    and recorded.segment is not null
                    {%- for column in columns %}
                    and {{ 'measured.' ~ column ~ ' = recorded.' ~ column
                        if column in recorded_columns else 'false' }}
                    {%- endfor %}
                    then 1
                else 0
            end
        ) as is_repetition
    from measured
    full outer join recorded
        on measured.segment = recorded.segment

),

{% else %}

last_record as (

    select 0 as record_number

),

news as (

    select false as is_repetition

),

{% endif %}

numbered as (

    select
        current_run.run_number,
        (coalesce(last_record.record_number, 0) + 1)::bigint as record_number,
        {{ as_of_date() }} as as_of_date,
        measured.*
    from measured
    cross join current_run
    cross join last_record
    cross join news
    where not news.is_repetition and current_run.run_number is not null

)

select * from numbered
