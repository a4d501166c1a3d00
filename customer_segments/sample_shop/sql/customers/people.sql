-- One row per customer: the inner life, of which the raw tables show the outside. Four
-- of thirty-two in a row are no members of the shop: they use its sister product, for
-- themselves (app) or for a company (b2b), and buy nothing.
create or replace temp table people as
with numbered as (

    select
        numbers.k,
        mix(numbers.k) as mixed_k,
        mix(numbers.k // 4) as mixed_four
    from
        range(
            getvariable('first')::bigint, getvariable('last')::bigint
        ) as numbers (k)

),

drawn as (

    select
        k,
        mix(mixed_k + seed_h()) as h,
        mix(mixed_four + seed_h() + 4) as four_h
    from numbered

),

-- of four customers in a row some are one person: two ids, a chain of three, or four
-- in a circle; nobody outside the four matters, so more customers change nothing
shared as (

    select
        *,
        pick(four_h, 'one person', 1000) as four_slot,
        case
            when setting('kind') <> 'all' then setting('kind')
            when k % 32 < 2 then 'b2b'
            when k % 32 < 4 then 'app'
            else 'shop'
        end as kind
    from drawn

),

identified as (

    select
        k,
        h,
        kind,
        case
            when k % 4 < case
                when four_slot < 36 then 2
                when four_slot < 48 then 3
                when four_slot < 54 then 4
                else 1
            end then k - k % 4
            else k
        end as person_k
    from shared

),

hashed as (

    select
        *,
        mix(person_k) as mixed_person
    from identified

),

signed_up as (

    select
        hashed.k,
        hashed.h,
        hashed.kind,
        hashed.person_k,
        mix(hashed.mixed_person + seed_h()) as person_h,
        case
            when pick(hashed.h, 'old customer', 1000) < 300
                then -1 - pick(hashed.h, 'days before', 2190)
            else signed_up_in.d
        end as sign_up_day,
        hour_slots.hour * 3600 + pick(hashed.h, 'sign-up second', 3600)
            as sign_up_second
    from hashed
    inner join lookups.shapes as growth_draw
        on growth_draw.slot = pick(hashed.h, 'sign-up day', 1024)
    inner join busy_time as signed_up_in
        on signed_up_in.slot = growth_draw.growth * fact('busy_end') // 25000000
    inner join hour_slots
        on hour_slots.slot = pick(hashed.h, 'sign-up hour', 1000)

),

placed as (

    select
        *,
        spared(start_s() + sign_up_day * 86400 + sign_up_second) as created_s,
        case pick(person_h, 'sex', 2) when 0 then 'female' else 'male' end as sex,
        pick(person_h, 'age', 1000) as age_slot,
        pick(person_h, 'foreigner', 1000) < 30 as is_foreigner,
        kind = 'app' or pick(h, 'uses app', 100) < 60 as uses_app,
        pick(h, 'web device', 100) as web_device,
        pick(h, 'plan', 1000) as plan_slot
    from signed_up

),

aged as (

    select
        *,
        case
            when age_slot < 2 then 4500 + pick(person_h, 'age days', 500)
            when age_slot < 50 then 5600 + pick(person_h, 'age days', 1690)
            when age_slot < 300 then 7305 + pick(person_h, 'age days', 3652)
            when age_slot < 610 then 10957 + pick(person_h, 'age days', 3652)
            when age_slot < 850 then 14610 + pick(person_h, 'age days', 3652)
            else 18262 + pick(person_h, 'age days', 8000)
        end as age_days,
        case
            when is_foreigner and pick(person_h, 'nation', 100) < 45 then 'US'
            when is_foreigner and pick(person_h, 'nation', 100) < 80 then 'JP'
            when is_foreigner and pick(person_h, 'nation', 100) < 90 then 'CN'
            when is_foreigner then 'VN'
            else 'KR'
        end as nation
    from placed

)

select
    aged.k,
    aged.h,
    aged.person_k,
    aged.person_h,
    aged.kind,
    'C' || (10000000 + aged.k) as customer_id,
    aged.sign_up_day,
    aged.created_s,
    aged.sex,
    aged.nation,
    case
        when aged.is_foreigner and pick(aged.person_h, 'abroad', 100) >= 60 then 'KR'
        else aged.nation
    end as country,
    date '1970-01-01' + (first_day() + day_count() - aged.age_days)::integer
        as real_birth_date,
    pick(aged.h, 'birth date', 100) < 20 as hides_birth_date,
    aged.uses_app,
    case
        when aged.web_device < 60 then 'mobile'
        when aged.web_device < 95 then 'desktop'
        else 'tablet'
    end as web_device,
    case when pick(aged.h, 'phone', 100) < 68 then 'Android' else 'iOS' end as phone_os,
    region_slots.region,
    region_slots.spellings,
    region_slots.cities,
    category_slots.category as favourite,
    category_slots.category_n as favourite_n,
    pick(aged.h, 'test', 1000) < 2 as is_test,
    aged.kind <> 'shop'
    or pick(aged.h, 'buyer', 100) < case when aged.sign_up_day < 0 then 58 else 17 end
        as never_buys,
    coalesce(days.busy_from, 0) as busy_from,
    signup_slots.signup_channel,
    gaps.order_gap,
    -- who is still there after years stays longer
    1 + lifetime.later_orders * patience.exponential
    * signup_slots.loyalty * case when aged.sign_up_day < 0 then 6 else 1 end
    // 100000000000 as lifetime_orders,
    case
        when pick(aged.h, 'power user', 1000) < 28 then 1300
        else visits.visit_gap
    end as visit_gap,
    case
        when aged.kind <> 'shop' and aged.plan_slot < 850
            then aged.created_s + 3600 + draw(aged.h, 'plan day') % (150 * 86400)
    end as plan_s,
    case when aged.plan_slot < 620 then 'plus' else 'premium' end as paid_plan,
    case
        when pick(aged.h, 'moves', 100) < 15
            then
                aged.created_s + 60
                + (end_s() - aged.created_s) * pick(aged.h, 'moves when', 1000) // 1000
    end as moved_s,
    case
        when aged.kind <> 'b2b' then null
        when aged.k % 2 = 0 then aged.k // setting('account_step')
        else
            (aged.k // setting('account_step') + 1) * pick(aged.h, 'account', 1000)
            * pick(aged.h, 'larger account', 1000) // 1000000
    end as account_n
from aged
inner join region_slots on region_slots.slot = pick(aged.person_h, 'region', 1000)
inner join category_slots on category_slots.slot = pick(aged.h, 'favourite', 100)
inner join signup_slots on signup_slots.slot = pick(aged.h, 'sign-up channel', 100)
inner join lookups.shapes as gaps on gaps.slot = pick(aged.h, 'order gap', 1024)
inner join lookups.shapes as lifetime on lifetime.slot = pick(aged.h, 'lifetime', 1024)
inner join lookups.shapes as patience on patience.slot = pick(aged.h, 'patience', 1024)
inner join lookups.shapes as visits on visits.slot = pick(aged.h, 'visit gap', 1024)
left join days on aged.sign_up_day = days.d;
