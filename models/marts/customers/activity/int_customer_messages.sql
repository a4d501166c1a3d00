with

messages as (

    select
        customer_id,
        clicked_at,
        unsubscribed_at,
        coalesce(opened_at, clicked_at) as opened_at,
        coalesce(delivered_at, opened_at, clicked_at) as received_at
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept'

),

known_customers as (

    select * from {{ ref('int_known_customers') }}

),

-- what comes after the as-of day has not happened yet
dated as (

    select
        messages.customer_id,
        case
            when messages.received_at < {{ as_of_end() }}
                then {{ business_date('messages.received_at') }}
        end as received_on,
        case
            when messages.opened_at < {{ as_of_end() }}
                then {{ business_date('messages.opened_at') }}
        end as opened_on,
        case
            when messages.clicked_at < {{ as_of_end() }}
                then {{ business_date('messages.clicked_at') }}
        end as clicked_on,
        case
            when messages.unsubscribed_at < {{ as_of_end() }}
                then {{ business_date('messages.unsubscribed_at') }}
        end as unsubscribed_on
    from messages
    inner join known_customers
        on messages.customer_id = known_customers.customer_id

),

counted as (

    select
        customer_id,
        sum(case when received_on > {{ as_of_date() }} - 30 then 1 else 0 end)::int
            as messages_received_30,
        sum(case when received_on > {{ as_of_date() }} - 90 then 1 else 0 end)::int
            as messages_received_90,
        sum(case when opened_on > {{ as_of_date() }} - 30 then 1 else 0 end)::int
            as messages_opened_30,
        sum(case when opened_on > {{ as_of_date() }} - 90 then 1 else 0 end)::int
            as messages_opened_90,
        sum(case when clicked_on > {{ as_of_date() }} - 90 then 1 else 0 end)::int
            as messages_clicked_90,
        max(unsubscribed_on) as last_unsubscribed_on
    from dated
    group by customer_id

)

select * from counted
