"""What customers are told and what they do on site: messages, sessions, events."""

MESSAGES = """
create or replace temp table messages as
with reachable as (

    select
        k,
        channel,
        asked_s as from_s,
        withdrawn_s,
        granted_again_s,
    from grants
    where purpose = 'ad' and has_granted

    union all

    select
        k,
        'alimtalk' as channel,
        created_s as from_s,
        null as withdrawn_s,
        null as granted_again_s,
    from people

),

addressed as (

    select
        reachable.k,
        reachable.channel,
        reachable.from_s,
        reachable.withdrawn_s,
        reachable.granted_again_s,
        people.customer_id,
        shop_campaigns.n,
        shop_campaigns.campaign_id,
        shop_campaigns.starts_s,
        nth(mix(people.h + shop_campaigns.h), 1) as h,
    from reachable
    inner join people on reachable.k = people.k
    inner join shop_campaigns on reachable.channel = shop_campaigns.channel

),

allowed as (

    select
        k,
        customer_id,
        n,
        campaign_id,
        channel,
        h,
        starts_s + pick(h, 'sent', 9 * 3600) as sent_s,
    from addressed
    where
        from_s < starts_s
        and (
            withdrawn_s is null
            or withdrawn_s > starts_s + 86400
            or granted_again_s < starts_s
        )
        and pick(h, 'chosen', 100) < 55

),

received as (

    select
        *,
        case when pick(h, 'delivered', 100) < 97 then sent_s + pick(h, 'delay', 40) end
            as delivered_s,
        case
            when pick(h, 'delivered', 100) < 97 and pick(h, 'opened', 100) < 28
                then sent_s + 60 + pick(h, 'opens after', 20 * 3600)
        end as opened_s,
    from allowed
    where sent_s < end_s()

),

reacted as (

    select
        *,
        case
            when pick(h, 'clicked', 100) < 18
                then opened_s + 10 + pick(h, 'clicks after', 300)
        end as clicked_s,
        case
            when channel <> 'alimtalk' and pick(h, 'unsubscribes', 1000) < 20
                then opened_s + 15 + pick(h, 'unsubscribes after', 300)
        end as unsubscribed_s,
    from received

)

select
    k,
    customer_id,
    n,
    campaign_id,
    channel,
    h,
    sent_s,
    case when delivered_s < end_s() then delivered_s end as delivered_s,
    case when opened_s < end_s() and channel <> 'sms' then opened_s end as opened_s,
    case when clicked_s < end_s() then clicked_s end as clicked_s,
    case when unsubscribed_s < end_s() then unsubscribed_s end as unsubscribed_s,
from reacted
qualify
    sent_s <= coalesce(
        min(case when unsubscribed_s < end_s() then unsubscribed_s end)
            over (partition by k, channel),
        sent_s
    )
"""

CAMPAIGN_MESSAGES = """
create or replace temp table campaign_messages_rows as
select
    'G' || ((10000000 + k) * 1000 + n) as message_id,
    campaign_id,
    customer_id,
    channel,
    case
        when n % 3 = 0 and pick(h, 'variant', 100) < 25 then 'control_generic'
        when n % 3 = 0 then 'treatment'
    end as variant,
    moment(sent_s) as sent_at,
    moment(delivered_s) as delivered_at,
    moment(opened_s) as opened_at,
    moment(clicked_s) as clicked_at,
    moment(unsubscribed_s) as unsubscribed_at,
    k * 1000 + n as row_n,
from messages
"""

# Session numbers: 0 sign-up, 1 to 999 orders, 1000 visits, 2000 the app opened for a
# visit, 3000 clicks on messages, 4000 opt-outs, 5000 plans, 6000 guests.
SESSIONS = """
create or replace temp table sessions as
with visited as (

    select
        people.k,
        v,
        nth(people.h, 2000 + v) as h,
        people.busy_from + (
            draw(nth(people.h, 2000 + v), 'busy time') * greatest(
                ended.busy_from + ended.weight - people.busy_from, 1
            ) >> 32
        ) as busy,
        people.created_s,
    from people
    inner join active_until on people.k = active_until.k
    inner join days as ended
        on ended.d = greatest(active_until.last_s - start_s(), 0) // 86400,
        unnest(range(1, 2 + least(
            (ended.busy_from + ended.weight - people.busy_from) // people.visit_gap,
            998
        ))) as numbers (v)

),

timed as (

    select
        visited.k,
        visited.v,
        visited.h,
        start_s() + busy_time.d * 86400 + hour_slots.hour * 3600
        + pick(visited.h, 'second', 3600) as anchor_s,
        visited.created_s,
    from visited
    inner join busy_time on busy_time.slot = visited.busy // 25
    inner join hour_slots on hour_slots.slot = pick(visited.h, 'hour', 1000)

),

anchored as (

    select
        k,
        0 as session_n,
        'sign_up' as kind,
        nth(h, 1) as h,
        created_s as anchor_s,
        null::bigint as order_number,
        null::bigint as product_number,
        null::varchar as campaign_id,
        null::varchar as sales_channel,
    from people
    where sign_up_day >= 0

    union all

    select
        k,
        case when is_guest then 6000 else j end as session_n,
        'order' as kind,
        nth(order_h, 1) as h,
        ordered_s as anchor_s,
        order_number,
        product_number,
        null as campaign_id,
        sales_channel,
    from settled
    where sales_channel in ('own_app', 'own_web')

    union all

    select
        k,
        1000 + v as session_n,
        'visit' as kind,
        h,
        anchor_s,
        null as order_number,
        null as product_number,
        null as campaign_id,
        null as sales_channel,
    from timed
    where anchor_s > created_s + 1200

    union all

    select
        k,
        3000 + n as session_n,
        'click' as kind,
        nth(h, 2) as h,
        clicked_s as anchor_s,
        null as order_number,
        null as product_number,
        campaign_id,
        null as sales_channel,
    from messages
    where clicked_s is not null

    union all

    select
        k,
        4000 + n as session_n,
        'opt_out' as kind,
        nth(h, 3) as h,
        unsubscribed_s as anchor_s,
        null as order_number,
        null as product_number,
        campaign_id,
        null as sales_channel,
    from messages
    where unsubscribed_s is not null

    union all

    select
        k,
        5000 as session_n,
        'plan' as kind,
        nth(h, 5000) as h,
        plan_s as anchor_s,
        null as order_number,
        null as product_number,
        null as campaign_id,
        null as sales_channel,
    from people
    where plan_s between start_s() + 1000 and end_s() - 1

    union all

    select
        k,
        5001 as session_n,
        'plan_end' as kind,
        nth(h, 5001) as h,
        plan_end_s as anchor_s,
        null as order_number,
        null as product_number,
        null as campaign_id,
        null as sales_channel,
    from people
    where plan_end_s between start_s() + 1000 and end_s() - 1

),

equipped as (

    select
        anchored.*,
        people.customer_id,
        people.favourite,
        people.phone_os,
        people.web_device,
        people.paid_plan,
        session_slots.session,
        case
            when anchored.sales_channel is not null
                then anchored.sales_channel = 'own_app'
            else people.uses_app and pick(anchored.h, 'in the app', 100) < 72
        end as in_app,
    from anchored
    inner join people on anchored.k = people.k
    inner join session_slots
        on session_slots.kind = anchored.kind
        and session_slots.slot = pick(anchored.h, 'session', 1000)

)

select
    equipped.k,
    equipped.session_n,
    equipped.session,
    equipped.h,
    equipped.anchor_s,
    equipped.order_number,
    equipped.campaign_id,
    equipped.customer_id,
    equipped.paid_plan,
    equipped.in_app,
    60 + pick(equipped.h, 'pace', 80) as pace,
    case when equipped.in_app then 'mobile' else equipped.web_device end as device,
    case
        when equipped.in_app or equipped.web_device = 'mobile' then equipped.phone_os
        when equipped.web_device = 'tablet' then 'iPadOS'
        when equipped.k % 5 = 0 then 'macOS'
        else 'Windows'
    end as os,
    case
        when equipped.in_app then null
        when equipped.web_device = 'desktop' and equipped.k % 4 = 0 then 'Whale'
        when equipped.web_device = 'desktop' then 'Chrome'
        when equipped.web_device = 'tablet' or equipped.phone_os = 'iOS' then 'Safari'
        else 'Samsung Internet'
    end as browser,
    case
        when equipped.in_app
            then '5.' || greatest(
                ((equipped.anchor_s - start_s()) // 86400) * 4 // day_count()
                - case when pick(equipped.h, 'old app', 100) < 15 then 1 else 0 end,
                0
            ) || '.0'
    end as app_version,
    (10000000 + equipped.k) * 10 + case
        when equipped.session_n = 6000 then 9
        when equipped.in_app then 1
        when equipped.web_device = 'mobile' then 2
        else 3
    end as anonymous_number,
    case
        when equipped.session_n = 6000 then 99
        when not equipped.in_app and equipped.kind = 'visit'
            and pick(equipped.h, 'signs in late', 100) < 12 then 2
        else 0
    end as anonymous_steps,
    coalesce(equipped.product_number, usual.product_number) as product_1,
    other.product_number as product_2,
from equipped
inner join shelf as usual
    on usual.category = equipped.favourite
    and usual.slot = pick(equipped.h, 'product', 64)
inner join shelf as other
    on other.category = equipped.favourite
    and other.slot = pick(equipped.h, 'other product', 64)

"""

EVENTS = """
create or replace temp table events_rows as
with walked as (

    select
        sessions.*,
        session_steps.step,
        session_steps.event_name,
        ((10000000 + sessions.k) * 10000 + sessions.session_n) * 100
        + session_steps.step as event_number,
        mix(sessions.h + session_steps.step * 77777777) as event_h,
        sessions.anchor_s
        + (session_steps.seconds + 3000)
        * sessions.pace // 100
        - 30 * sessions.pace as occurred_s,
        case session_steps.product
            when 1 then sessions.product_1 when 2 then sessions.product_2
        end as product_number,
        session_steps.step <= sessions.anonymous_steps
        or (sessions.session_n = 0 and session_steps.seconds < 0) as is_anonymous,
    from sessions
    inner join session_steps on sessions.session = session_steps.session

    union all

    select
        sessions.*,
        session_steps.step,
        session_steps.event_name,
        ((10000000 + sessions.k) * 10000 + sessions.session_n + 1000) * 100
        + session_steps.step as event_number,
        mix(sessions.h + session_steps.step * 99999999) as event_h,
        sessions.anchor_s + session_steps.seconds as occurred_s,
        null as product_number,
        false as is_anonymous,
    from sessions
    inner join session_steps on session_steps.session = 'app_visit'
    where
        sessions.in_app
        and sessions.session_n between 1000 and 1999
        and pick(sessions.h, 'app opened', 100) < 50

)

select
    'E' || walked.event_number as event_id,
    case when not walked.is_anonymous then walked.customer_id end as customer_id,
    'A' || walked.anonymous_number as anonymous_id,
    walked.event_name,
    moment(walked.occurred_s) as occurred_at,
    moment(least(
        walked.occurred_s + case
            when pick(walked.event_h, 'late', 1000) < 3
                then pick(walked.event_h, 'days late', 2 * 86400)
            else pick(walked.event_h, 'seconds late', 20)
        end,
        end_s() - 1
    )) as received_at,
    'P' || (1000 + walked.product_number) as product_id,
    case when walked.event_name = 'search' then shop_products.name end as search_term,
    case walked.event_name
        when 'page_view'
            then ['/', '/best', '/new', '/category/' || shop_products.category][
                1 + pick(walked.event_h, 'page', 4)
            ]
        when 'product_view' then '/products/P' || (1000 + walked.product_number)
        when 'search' then '/search'
        when 'event_page_click' then '/events'
        when 'pricing_page_view' then '/plans'
        when 'checkout_start' then '/checkout'
        when 'content_view' then '/stories/' || pick(walked.event_h, 'story', 40)
    end as page,
    walked.device,
    walked.os,
    walked.browser,
    walked.app_version,
    case
        when walked.event_name in ('page_view', 'product_view', 'content_view')
            then (4 + pick(walked.event_h, 'seconds', 60)
                * pick(walked.event_h, 'patience', 5))::integer
    end as duration_seconds,
    walked.campaign_id,
    case walked.event_name
        when 'purchase' then '{"order_id": "O' || walked.order_number || '"}'
        when 'cart_add'
            then '{"quantity": ' || (1 + pick(walked.event_h, 'q', 10) // 9) || '}'
        when 'search'
            then '{"results": ' || pick(walked.event_h, 'results', 60) || '}'
        when 'review'
            then '{"rating": ' || (5 - pick(walked.event_h, 'rating', 9) // 3) || '}'
        when 'share' then '{"to": "kakao"}'
        when 'trial_start' then '{"plan": "' || walked.paid_plan || '"}'
        when 'plan_change'
            then '{"from": "free", "to": "' || walked.paid_plan || '"}'
        when 'subscription_cancel'
            then '{"from": "' || walked.paid_plan || '", "to": "free"}'
        when 'coupon_download' then '{"coupon": "SAVE5000"}'
    end as properties,
    walked.event_number as row_n,
from walked
inner join shop_products on walked.product_1 = shop_products.product_number
where walked.occurred_s < end_s()
"""
