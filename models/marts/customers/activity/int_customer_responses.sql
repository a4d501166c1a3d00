with

profiles as (

    select * from {{ ref('int_customer_profiles') }}

),

messages as (

    select
        customer_id,
        {{ business_date('coalesce(delivered_at, opened_at, clicked_at)') }}
            as received_on,
        {{ business_date('coalesce(opened_at, clicked_at)') }} as opened_on,
        {{ business_date('clicked_at') }} as clicked_on
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept'

),

customer_days as (

    select * from {{ ref('customer_days') }}

),

opt_outs as (

    select
        customer_id,
        max(opted_out_on) as last_opted_out_on
    from {{ ref('opt_outs') }}
    where road <> 'unread'
    group by customer_id

),

outages as (

    select
        release_id,
        {{ business_date('started_at') }} as began_on,
        {{ business_date('coalesce(ended_at, started_at)') }} as ended_on
    from {{ ref('stg_releases') }}
    where row_state = 'kept' and kind = 'outage'

),

-- what comes after the as-of day has not happened yet
received as (

    select
        customer_id,
        count_if(received_on between {{ as_of_date() }} - 29 and {{ as_of_date() }})
            as messages_received_30,
        count_if(received_on between {{ as_of_date() }} - 89 and {{ as_of_date() }})
            as messages_received_90,
        count_if(opened_on between {{ as_of_date() }} - 29 and {{ as_of_date() }})
            as messages_opened_30,
        count_if(opened_on between {{ as_of_date() }} - 89 and {{ as_of_date() }})
            as messages_opened_90,
        count_if(clicked_on between {{ as_of_date() }} - 89 and {{ as_of_date() }})
            as messages_clicked_90,
        max(received_on) filter (where received_on <= {{ as_of_date() }})
            as last_received_on
    from messages
    group by customer_id

),

told as (

    select
        customer_id,
        max(active_on) filter (where unsubscribe_count > 0) as last_unsubscribed_on,
        sum(support_ticket_count) filter (where active_on > {{ as_of_date() }} - 30)
            as support_tickets_30,
        sum(order_count) filter (where active_on > {{ as_of_date() }} - 90)
            as orders_90
    from customer_days
    group by customer_id

),

around_outages as (

    select
        customer_days.customer_id,
        outages.release_id,
        outages.ended_on,
        count_if(customer_days.active_on < outages.began_on) as active_days_before,
        count_if(customer_days.active_on > outages.ended_on) as active_days_after,
        sum(
            customer_days.support_ticket_count
            + customer_days.subscription_cancel_count
            + customer_days.unsubscribe_count
            + customer_days.cart_remove_count
        ) filter (where customer_days.active_on >= outages.began_on) as sign_count
    from customer_days
    inner join outages
        on
            outages.began_on - 7 <= customer_days.active_on
            and outages.ended_on + 7 >= customer_days.active_on
    where
        outages.ended_on > {{ as_of_date() }} - 30
        and outages.began_on <= {{ as_of_date() }}
    group by customer_days.customer_id, outages.release_id, outages.ended_on

),

-- half the visits of somebody who came every other day is no accident, once the week
-- is over
upset as (

    select
        customer_id,
        bool_or(
            coalesce(sign_count > 0, false)
            or (
                ended_on + 7 <= {{ as_of_date() }}
                and active_days_before >= 4
                and active_days_after * 2 <= active_days_before
            )
        ) as negative_signal_after_outage
    from around_outages
    group by customer_id

),

responses as (

    select
        profiles.customer_id,
        coalesce(received.messages_received_30, 0)::int as messages_received_30,
        coalesce(received.messages_received_90, 0)::int as messages_received_90,
        coalesce(received.messages_opened_30, 0)::int as messages_opened_30,
        coalesce(received.messages_opened_90, 0)::int as messages_opened_90,
        coalesce(received.messages_clicked_90, 0)::int as messages_clicked_90,
        {{ days_between('received.last_received_on', as_of_date()) }}::int
            as days_since_last_message,
        {{ days_between(
            'greatest(told.last_unsubscribed_on, opt_outs.last_opted_out_on)',
            as_of_date()
        ) }}::int as days_since_unsubscribe,
        coalesce(told.support_tickets_30, 0)::int as support_tickets_30,
        case
            when coalesce(told.orders_90, 0) = 0
                then coalesce(told.support_tickets_30, 0)
            else 0
        end::int as tickets_without_order_30,
        coalesce(upset.negative_signal_after_outage, false)
            as negative_signal_after_outage
    from profiles
    left join received
        on
            profiles.customer_id = received.customer_id
            and not profiles.is_test
    left join told
        on profiles.customer_id = told.customer_id
    left join opt_outs
        on profiles.customer_id = opt_outs.customer_id
    left join upset
        on profiles.customer_id = upset.customer_id

)

select * from responses
