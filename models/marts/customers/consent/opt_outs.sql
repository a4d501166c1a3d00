with

customer_channels as (

    select
        *,
        greatest(ad_withdrawn_at, suppression_wished_at) as opted_out_at
    from {{ ref('int_customer_channels') }}
    where not is_test

),

messages as (

    select
        customer_id,
        channel,
        max(unsubscribed_at) as unsubscribed_at
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept' and unsubscribed_at is not null
    group by customer_id, channel

),

unread_wishes as (

    select * from {{ ref('int_unread_wishes') }}

),

dated as (

    select
        customer_channels.customer_id,
        customer_channels.channel,
        customer_channels.opted_out_at,
        case
            when
                customer_channels.suppression_wished_at
                = customer_channels.opted_out_at
                then 'vendor_list'
            when messages.unsubscribed_at = customer_channels.opted_out_at
                then 'message'
            when unread_wishes.loaded_at = customer_channels.opted_out_at
                then 'unread'
            else 'own_page'
        end as road
    from customer_channels
    left join messages
        on
            customer_channels.customer_id = messages.customer_id
            and customer_channels.channel = messages.channel
    left join unread_wishes
        on customer_channels.customer_id = unread_wishes.customer_id
    where customer_channels.opted_out_at is not null

),

-- a wish counts at once, whatever its time
opt_outs as (

    select
        customer_id,
        channel,
        road,
        least({{ business_date('opted_out_at') }}, {{ as_of_date() }}) as opted_out_on
    from dated

)

select * from opt_outs
