-- The events of each visit, one by one. A view: what only broken rows need is read a
-- second time, not kept. Small numbers are bits of one mixed number.
create or replace temp view events_rows as
with walked as (

    select
        sessions.*,
        session_steps.event_name,
        ((10000000 + sessions.k) * 10000 + sessions.session_n) * 100
        + session_steps.step as row_n,
        mix(sessions.h + session_steps.step * 77777777) as event_h,
        sessions.anchor_s
        + (session_steps.seconds + 3000)
        * sessions.pace // 100
        - 30 * sessions.pace as occurred_s,
        case
            when session_steps.product = 2 then sessions.product_2
            else sessions.product_1
        end as shown_n,
        session_steps.product > 0 as has_product,
        session_steps.step <= sessions.anonymous_steps
        or (sessions.session_n = 0 and session_steps.seconds < 0) as is_anonymous
    from sessions
    inner join session_steps on sessions.session = session_steps.session

    union all

    select
        sessions.*,
        session_steps.event_name,
        ((10000000 + sessions.k) * 10000 + sessions.session_n + 1000) * 100
        + session_steps.step as row_n,
        mix(sessions.h + session_steps.step * 99999999) as event_h,
        sessions.anchor_s + session_steps.seconds as occurred_s,
        sessions.product_1 as shown_n,
        false as has_product,
        false as is_anonymous
    from sessions
    inner join session_steps on session_steps.session = 'app_visit'
    where
        sessions.in_app
        and sessions.session_n between 1000 and 1999
        and pick(sessions.h, 'app opened', 100) < 50

)

select
    walked.anonymous_id,
    walked.event_name,
    walked.device,
    walked.os,
    walked.browser,
    walked.app_version,
    walked.campaign_id,
    walked.row_n,
    'E' || walked.row_n as event_id,
    case when not walked.is_anonymous then walked.customer_id end as customer_id,
    moment(walked.occurred_s) as occurred_at,
    moment(least(
        walked.occurred_s + case
            when walked.event_h & 1023 < 3
                then (walked.event_h >> 10) % (9 * 86400)
            else (walked.event_h >> 10) & 15
        end,
        end_s() - 1
    )) as received_at,
    case when walked.has_product then product_codes.product_id end as product_id,
    case when walked.event_name = 'search' then product_codes.search_term end
        as search_term,
    case walked.event_name
        when 'page_view'
            then case (walked.event_h >> 14) & 3
                when 0 then '/'::page_path
                when 1 then '/best'::page_path
                when 2 then '/new'::page_path
                else product_codes.category_page
            end
        when 'product_view' then product_codes.product_page
        when 'search' then '/search'::page_path
        when 'event_page_click' then '/events'::page_path
        when 'pricing_page_view' then '/plans'::page_path
        when 'checkout_start' then '/checkout'::page_path
        when 'content_view' then story_pages.page
    end as page,
    case
        when walked.event_name in ('page_view', 'product_view', 'content_view')
            then (
                4 + ((walked.event_h >> 16) & 63) * ((walked.event_h >> 22) & 3)
            )::integer
    end as duration_seconds,
    case walked.event_name
        when 'purchase' then '{"order_id": "O' || walked.order_number || '"}'
        when 'cart_add'
            then case
                when (walked.event_h >> 16) & 7 > 0 then '{"quantity": 1}'
                else '{"quantity": 2}'
            end
        when 'search'
            then '{"results": ' || case
                when walked.session = 'search_failed' then 0
                else (walked.event_h >> 16) & 63
            end || '}'
        when 'review'
            then case (walked.event_h >> 16) & 7
                when 0 then '{"rating": 3}'
                when 1 then '{"rating": 2}'
                when 2 then '{"rating": 4}'
                when 3 then '{"rating": 4}'
                else '{"rating": 5}'
            end
        when 'share' then '{"to": "kakao"}'
        when 'support_ticket'
            then case (walked.event_h >> 16) & 7
                when 0 then '{"topic": "complaint"}'
                when 1 then '{"topic": "complaint"}'
                when 2 then '{"topic": "delivery"}'
                when 3 then '{"topic": "refund"}'
                else '{"topic": "question"}'
            end
        when 'trial_start' then '{"plan": "' || walked.from_plan || '"}'
        when 'plan_change'
            then
                '{"from": "' || walked.from_plan || '", "to": "' || walked.to_plan
                || '"}'
        when 'subscription_cancel'
            then '{"from": "' || walked.from_plan || '", "to": "free"}'
        when 'coupon_download' then '{"coupon": "SAVE5000"}'
    end as properties
from walked
inner join product_codes on walked.shown_n = product_codes.product_number
inner join story_pages on story_pages.n = (walked.event_h >> 24) % 40
where walked.occurred_s < end_s();
