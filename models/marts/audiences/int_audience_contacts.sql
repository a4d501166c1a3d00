{{ config(materialized='view') }}

{%- set audiences = audience_definitions() -%}

with

candidates as (

    select * from {{ ref('int_audience_candidates') }}

),

definitions as (

    select * from {{ ref('audience_definitions') }}

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

order_lines as (

    select * from {{ ref('order_lines') }}

),

campaigns as (

    select *
    from {{ ref('stg_campaigns') }}
    where row_state = 'kept'

),

campaign_messages as (

    select *
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept'

),

-- an order without lines is still a purchase
bought as (

    select
        orders.customer_id,
        orders.ordered_on,
        order_lines.product_id,
        order_lines.category
    from orders
    left join order_lines
        on orders.order_id = order_lines.order_id

),

-- bought what is promoted, or anything where the audience promotes nothing special
recent_buyers (audience, customer_id) as (

    {%- for audience in audiences if audience.cool_down %}

    select distinct
        {{ sql_text(audience.name) }},
        customer_id
    from bought
    where
        ordered_on > {{ as_of_date() }} - {{ audience.cool_down.days }}
        and {{ promoted_products(audience.cool_down) }}

    union all
    {%- endfor %}

    select
        null::string,
        null::string
    where false

),

-- what is not known to be information counts as advertising
sent_messages as (

    select
        definitions.audience,
        campaign_messages.customer_id,
        count(*) as message_count
    from campaign_messages
    left join campaigns
        on campaign_messages.campaign_id = campaigns.campaign_id
    inner join definitions
        on
            campaign_messages.channel = definitions.channel
            and case when campaigns.message_class = 'info' then 'info' else 'ad' end
            = definitions.message_class
            and {{ business_date('campaign_messages.sent_at') }}
            > {{ as_of_date() }} - definitions.cap_days
    group by definitions.audience, campaign_messages.customer_id

),

described as (

    select
        candidates.audience,
        candidates.customer_id,
        candidates.data_state,
        candidates.holdout_bucket,
        candidates.arm,
        recent_buyers.customer_id is not null
        and candidates.data_state = 'known' as is_recent_buyer,
        definitions.cap_messages - coalesce(sent_messages.message_count, 0) as cap_left
    from candidates
    inner join definitions
        on candidates.audience = definitions.audience
    left join recent_buyers
        on
            candidates.audience = recent_buyers.audience
            and candidates.customer_id = recent_buyers.customer_id
    left join sent_messages
        on
            candidates.audience = sent_messages.audience
            and candidates.customer_id = sent_messages.customer_id

)

select * from described
