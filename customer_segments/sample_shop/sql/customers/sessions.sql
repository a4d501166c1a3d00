-- Visits to the app and the site: when, with what device, and of which kind. Session
-- numbers: 0 sign-up, 1 to 999 orders, 1000 visits, 2000 the app opened for a visit,
-- 3000 clicks on messages, 4000 opt-outs, 5000 plans, 6000 guests.
create or replace temp table anchored as
with active as (

    select
        people.k,
        people.kind as person_kind,
        people.h as person_h,
        people.busy_from,
        people.visit_gap,
        people.created_s,
        ended.busy_from + ended.weight - people.busy_from as busy_for
    from people
    inner join active_until on people.k = active_until.k
    inner join days as ended
        on ended.d = greatest(active_until.last_s - start_s(), 0) // 86400

),

numbered as (

    select
        *,
        unnest(range(1, 2 + least(busy_for // visit_gap, 998))) as v
    from active

),

hashed as (

    select
        *,
        nth(person_h, 2000 + v) as h
    from numbered

),

visited as (

    select
        k,
        person_kind,
        v,
        h,
        created_s,
        busy_from + (draw(h, 'busy time') * greatest(busy_for, 1) >> 32) as busy
    from hashed

),

timed as (

    select
        visited.k,
        visited.person_kind,
        visited.v,
        visited.h,
        start_s() + busy_time.d * 86400 + hour_slots.hour * 3600
        + pick(visited.h, 'second', 3600) as anchor_s,
        visited.created_s
    from visited
    inner join busy_time on busy_time.slot = visited.busy // 25
    inner join hour_slots on hour_slots.slot = pick(visited.h, 'hour', 1000)

),

united as (

    select
        k,
        0 as session_n,
        nth(h, 1) as h,
        case kind when 'shop' then 'sign_up' else 'app_sign_up' end::session_kind
            as kind,
        created_s as anchor_s,
        null::bigint as order_number,
        null::bigint as product_number,
        null::varchar as campaign_id,
        null::varchar as sales_channel,
        null::varchar as from_plan,
        null::varchar as to_plan
    from people
    where sign_up_day >= 0

    union all by name

    select
        k,
        case when is_guest then 6000 else j end as session_n,
        nth(order_h, 1) as h,
        'order'::session_kind as kind,
        ordered_s as anchor_s,
        order_number,
        product_number,
        sales_channel
    from settled
    where sales_channel in ('own_app', 'own_web')

    union all by name

    select
        k,
        1000 + v as session_n,
        h,
        case person_kind when 'shop' then 'visit' else 'app_use' end::session_kind
            as kind,
        anchor_s
    from timed
    where anchor_s > created_s + 1200 and not in_outage(anchor_s)

    union all by name

    select
        k,
        3000 + n as session_n,
        nth(h, 2) as h,
        case channel when 'alimtalk' then 'notice' else 'click' end::session_kind
            as kind,
        clicked_s as anchor_s,
        campaign_id
    from messages
    where clicked_s is not null and not in_outage(clicked_s)

    union all by name

    select
        k,
        4000 + n as session_n,
        nth(h, 3) as h,
        'opt_out'::session_kind as kind,
        unsubscribed_s as anchor_s,
        campaign_id
    from messages
    where unsubscribed_s is not null

    union all by name

    select
        k,
        5000 + change_n as session_n,
        nth(h, 5000 + change_n) as h,
        event_name::session_kind as kind,
        changed_s as anchor_s,
        case when event_name = 'trial_start' then paid_plan else from_plan end
            as from_plan,
        to_plan
    from plan_changes
    where changed_s >= start_s() + 1000

)

-- drawn a step later than h, of which an expression of it would hold hundreds
select
    *,
    enum_code(kind)::bigint * 1000 + pick(h, 'session', 1000) as slot
from united;

create or replace temp table sessions as
with equipped as (

    select
        anchored.*,
        people.customer_id,
        people.favourite_n,
        people.phone_os,
        people.web_device,
        session_slots.session,
        case
            when anchored.sales_channel is not null
                then anchored.sales_channel = 'own_app'
            else people.uses_app and pick(anchored.h, 'in the app', 100) < 72
        end as in_app
    from anchored
    inner join people on anchored.k = people.k
    inner join session_slots on anchored.slot = session_slots.slot

),

changed as (

    -- 1: fewer give up at the checkout. 2: in the app a glance becomes a walk around.
    -- 3: in the app a search finds nothing. What happens on the web shows the
    -- difference.
    select
        * replace (
            case
                when
                    anchor_s >= fact('release_1_s') and session = 'checkout_left'
                    and pick(h, 'release 1', 100) < 40
                    then 'browse'::session_name
                when
                    in_app and anchor_s >= fact('release_2_s') and session = 'glance'
                    and pick(h, 'release 2', 100) < 50
                    then 'browse'::session_name
                when
                    in_app and anchor_s >= fact('release_3_s') and session = 'search'
                    and pick(h, 'release 3', 100) < 60
                    then 'search_failed'::session_name
                else session
            end as session
        )
    from equipped

)

select
    changed.k,
    changed.session_n,
    changed.session,
    changed.h,
    changed.anchor_s,
    changed.order_number,
    changed.campaign_id,
    changed.customer_id,
    changed.from_plan,
    changed.to_plan,
    changed.in_app,
    60 + pick(changed.h, 'pace', 80) as pace,
    case
        when changed.in_app then 'mobile'::device else changed.web_device::device
    end as device,
    case
        when changed.in_app or changed.web_device = 'mobile' then changed.phone_os
        when changed.web_device = 'tablet' then 'iPadOS'
        when changed.k % 5 = 0 then 'macOS'
        else 'Windows'
    end::os as os,
    case
        when changed.in_app then null
        when changed.web_device = 'desktop' and changed.k % 4 = 0 then 'Whale'
        when changed.web_device = 'desktop' then 'Chrome'
        when changed.web_device = 'tablet' or changed.phone_os = 'iOS' then 'Safari'
        else 'Samsung Internet'
    end::browser as browser,
    case
        when not changed.in_app then null
        when
            changed.anchor_s - pick(changed.h, 'updates after', 40 * 86400)
            < fact('release_1_s') then '5.0.0'
        when
            changed.anchor_s - pick(changed.h, 'updates after', 40 * 86400)
            < fact('release_2_s') then '5.1.0'
        when changed.anchor_s < fact('release_3_s') then '5.2.0'
        else '5.3.0'
    end::app_version as app_version,
    'A' || ((10000000 + changed.k) * 10 + case
        when changed.session_n = 6000 then 9
        when changed.in_app then 1
        when changed.web_device = 'mobile' then 2
        else 3
    end) as anonymous_id,
    case
        when changed.session_n = 6000 then 99
        when
            not changed.in_app and changed.session_n between 1000 and 1999
            and pick(changed.h, 'signs in late', 100) < 12 then 2
        else 0
    end as anonymous_steps,
    coalesce(changed.product_number, usual.product_number) as product_1,
    other.product_number as product_2
from changed
inner join shelf as usual
    on usual.shelf_n = changed.favourite_n * 64 + pick(changed.h, 'product', 64)
inner join shelf as other
    on other.shelf_n = changed.favourite_n * 64 + pick(changed.h, 'other product', 64);
