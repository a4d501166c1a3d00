with

decisions as (

    select * from {{ ref('audience_decisions') }}

),

members as (

    select
        audience,
        customer_id,
        channel,
        identifier,
        message_class,
        campaign_id
    from decisions
    where reason is null

)

select * from members
