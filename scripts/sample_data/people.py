"""Who the customers are."""

# One row per customer: the inner life, of which the raw tables show the outside.
PEOPLE = """
create or replace temp table people as
with hashed as (

    select
        k,
        mix(mix(k) + seed_h()) as h,
    from range(chunk_first(), chunk_last()) as numbers (k)

),

signed_up as (

    select
        hashed.k,
        hashed.h,
        case
            when pick(hashed.h, 'old customer', 1000) < 60
                then -1 - pick(hashed.h, 'days before', 2190)
            else growth_draw.growth * day_count() // 1000000
        end as sign_up_day,
        hour_slots.hour * 3600 + pick(hashed.h, 'sign-up second', 3600)
            as sign_up_second,
    from hashed
    inner join shapes as growth_draw
        on growth_draw.slot = pick(hashed.h, 'sign-up day', 1024)
    inner join hour_slots
        on hour_slots.slot = pick(hashed.h, 'sign-up hour', 1000)

),

placed as (

    select
        *,
        start_s() + sign_up_day * 86400 + sign_up_second as created_s,
        case pick(h, 'sex', 2) when 0 then 'female' else 'male' end as sex,
        pick(h, 'age', 1000) as age_slot,
        pick(h, 'foreigner', 1000) < 30 as is_foreigner,
        pick(h, 'uses app', 100) < 60 as uses_app,
        pick(h, 'web device', 100) as web_device,
        pick(h, 'plan', 1000) as plan_slot,
    from signed_up

),

aged as (

    select
        *,
        case
            when age_slot < 2 then 4500 + pick(h, 'age days', 500)
            when age_slot < 50 then 5600 + pick(h, 'age days', 1690)
            when age_slot < 300 then 7305 + pick(h, 'age days', 3652)
            when age_slot < 610 then 10957 + pick(h, 'age days', 3652)
            when age_slot < 850 then 14610 + pick(h, 'age days', 3652)
            else 18262 + pick(h, 'age days', 8000)
        end as age_days,
        case
            when is_foreigner and pick(h, 'nation', 100) < 45 then 'US'
            when is_foreigner and pick(h, 'nation', 100) < 80 then 'JP'
            when is_foreigner and pick(h, 'nation', 100) < 90 then 'CN'
            when is_foreigner then 'VN'
            else 'KR'
        end as nation,
    from placed

)

select
    aged.k,
    aged.h,
    'C' || (10000000 + aged.k) as customer_id,
    aged.sign_up_day,
    aged.created_s,
    aged.sex,
    aged.nation,
    case
        when aged.is_foreigner and pick(aged.h, 'abroad', 100) >= 60 then 'KR'
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
    pick(aged.h, 'test', 1000) < 2 as is_test,
    pick(aged.h, 'buyer', 1000) < 170 as never_buys,
    coalesce(days.busy_from, 0) as busy_from,
    gaps.order_gap,
    1 + lifetime.later_orders * patience.exponential // 1000000000 as lifetime_orders,
    visits.visit_gap,
    case
        when aged.uses_app and aged.plan_slot >= 700
            then aged.created_s + 3600 + draw(aged.h, 'plan day') % (150 * 86400)
    end as plan_s,
    case
        when aged.uses_app and aged.plan_slot >= 700
            and pick(aged.h, 'plan ends', 100) < 25
            then aged.created_s + 3600 + draw(aged.h, 'plan day') % (150 * 86400)
                + 30 * 86400 + draw(aged.h, 'plan end') % (200 * 86400)
    end as plan_end_s,
    case when aged.plan_slot < 920 then 'plus' else 'premium' end as paid_plan,
    case
        when pick(aged.h, 'moves', 100) < 15
            then aged.created_s + 60
                + (end_s() - aged.created_s) * pick(aged.h, 'moves when', 1000) // 1000
    end as moved_s,
from aged
inner join region_slots on region_slots.slot = pick(aged.h, 'region', 1000)
inner join category_slots on category_slots.slot = pick(aged.h, 'favourite', 100)
inner join shapes as gaps on gaps.slot = pick(aged.h, 'order gap', 1024)
inner join shapes as lifetime on lifetime.slot = pick(aged.h, 'lifetime', 1024)
inner join shapes as patience on patience.slot = pick(aged.h, 'patience', 1024)
inner join shapes as visits on visits.slot = pick(aged.h, 'visit gap', 1024)
left join days on days.d = aged.sign_up_day
"""

CUSTOMERS = """
create or replace temp table customers_rows as
with changes as (

    select
        k,
        created_s,
        case when plan_s < end_s() then plan_s end as plan_s,
        case when plan_end_s < end_s() then plan_end_s end as plan_end_s,
        case when moved_s < end_s() then moved_s end as moved_s,
    from people

),

change_times as (

    select
        k,
        created_s,
        plan_s,
        plan_end_s,
        moved_s,
        greatest(created_s, plan_s, plan_end_s, moved_s) as updated_s,
    from changes

),

versions as (

    select
        k,
        plan_s,
        plan_end_s,
        moved_s,
        updated_s,
        1 as version,
    from change_times

    union all

    select
        k,
        plan_s,
        plan_end_s,
        moved_s,
        greatest(
            created_s,
            case when plan_s < updated_s then plan_s end,
            case when plan_end_s < updated_s then plan_end_s end,
            case when moved_s < updated_s then moved_s end
        ) as updated_s,
        0 as version,
    from change_times
    where updated_s > created_s and updated_s >= end_s() - 40 * 86400

),

families as (

    select
        people.*,
        case
            when people.k % 2 = 1 and pick(people.h, 'family', 1000) < 12
                then people.k - 1
            else people.k
        end as phone_k,
        pick(people.h, 'given name', 1000) as given_slot,
        case
            when people.real_birth_date >= date '1996-01-01' then 'young'
            when people.real_birth_date >= date '1976-01-01' then 'middle'
            else 'senior'
        end as generation,
    from people

),

called as (

    select
        families.*,
        case
            when families.nation <> 'KR' then foreign_names.text
            when pick(families.h, 'decomposed', 1000) < 20
                then family_names.decomposed || given_names.decomposed
            else family_names.text || given_names.text
        end as name,
        '0' || right((10000000 + phone_k * 7919 % 10000000)::varchar, 7)
            as phone_digits,
        ['haneul', 'bada', 'sarang', 'byul', 'namu', 'gaeul', 'maru', 'dodam',
            'saebyeok', 'iseul', 'noeul', 'garam'][
            1 + pick(families.h, 'e-mail name', 12)
        ] || (100 + phone_k) as email_name,
        case
            when pick(families.h, 'e-mail domain', 100) < 48 then 'naver.example'
            when pick(families.h, 'e-mail domain', 100) < 80 then 'gmail.example'
            when pick(families.h, 'e-mail domain', 100) < 90 then 'kakao.example'
            else 'daum.example'
        end as email_domain,
    from families
    inner join name_slots as family_names
        on family_names.kind = 'family'
        and family_names.slot = pick(families.h, 'family name', 1000)
    inner join name_slots as given_names
        on given_names.kind = 'given'
        and given_names.generation = families.generation
        and given_names.sex = families.sex
        and given_names.slot = families.given_slot
    left join name_slots as foreign_names
        on foreign_names.kind = 'foreign'
        and foreign_names.country = families.nation
        and foreign_names.slot = families.given_slot

)

select
    called.customer_id,
    moment(called.created_s) as created_at,
    case
        when pick(called.h, 'e-mail', 1000) < 45 then null
        when pick(called.h, 'e-mail', 1000) < 48 then email_name || '@'
        when pick(called.h, 'e-mail', 1000) < 70
            then upper(email_name) || '@' || email_domain
        when pick(called.h, 'e-mail', 1000) < 80
            then email_name || '@' || email_domain || ' '
        when pick(called.h, 'e-mail', 1000) < 90
            then email_name || '+shop@' || email_domain
        else email_name || '@' || email_domain
    end as email,
    case
        when pick(called.h, 'phone form', 1000) < 60 then null
        when pick(called.h, 'phone form', 1000) < 63 then '010-0'
        when pick(called.h, 'phone form', 1000) < 550
            then '010-' || left(phone_digits, 4) || '-' || right(phone_digits, 4)
        when pick(called.h, 'phone form', 1000) < 850 then '010' || phone_digits
        when pick(called.h, 'phone form', 1000) < 920
            then '+82 10-' || left(phone_digits, 4) || '-' || right(phone_digits, 4)
        when pick(called.h, 'phone form', 1000) < 960 then '+8210' || phone_digits
        else '010 ' || left(phone_digits, 4) || ' ' || right(phone_digits, 4)
    end as phone,
    called.name,
    case when not called.hides_birth_date then called.real_birth_date end as birth_date,
    case
        when pick(called.h, 'gender', 1000) < 270 then null
        when pick(called.h, 'gender', 1000) < 280 then 'other'
        else called.sex
    end as gender,
    called.country,
    case
        when called.country <> 'KR' or pick(called.h, 'region known', 100) < 8
            then null
        when pick(called.h, 'spelling', 100) < 40 then called.spellings[1]
        when pick(called.h, 'spelling', 100) < 85 then called.spellings[2]
        when pick(called.h, 'spelling', 100) < 95 then called.spellings[3]
        else called.spellings[4]
    end as region,
    case
        when called.country <> 'KR' or pick(called.h, 'region known', 100) < 8
            then null
        else called.cities[
            1 + (
                pick(called.h, 'city', len(called.cities))
                + coalesce(versions.moved_s <= versions.updated_s, false)::integer
            ) % len(called.cities)
        ]
    end as city,
    case called.nation
        when 'US' then 'en' when 'JP' then 'ja' when 'CN' then 'zh' when 'VN' then 'vi'
        else 'ko'
    end as language,
    case
        when pick(called.h, 'interests', 100) < 45 then null
        when pick(called.h, 'interests', 100) < 70 then called.favourite
        when called.favourite = 'food' then 'food|home'
        when pick(called.h, 'interests', 100) < 88 then called.favourite || '|food'
        when called.favourite = 'beauty' then 'beauty|fashion|kids'
        else called.favourite || '|beauty|' || '여행'
    end as interests,
    case
        when pick(called.h, 'sign-up channel', 100) < 45 then 'kakao'
        when pick(called.h, 'sign-up channel', 100) < 70 then 'naver'
        when pick(called.h, 'sign-up channel', 100) < 90 then 'email'
        when pick(called.h, 'sign-up channel', 100) < 94 then 'apple'
        else 'google'
    end as signup_channel,
    case
        when called.sign_up_day >= 0 and pick(called.h, 'campaign', 100) < 20
            then 'M' || (1001 + called.sign_up_day // 12)
    end as signup_campaign,
    case
        when not called.uses_app then null
        when versions.plan_end_s <= versions.updated_s then 'free'
        when versions.plan_s <= versions.updated_s then called.paid_plan
        else 'free'
    end as plan,
    case
        when called.uses_app and pick(called.h, 'token', 100) < 92
            then 'token-' || (1000000000 + draw(called.h, 'token')) || '-' || called.k
    end as push_token,
    case
        when called.uses_app and pick(called.h, 'token', 100) < 92
            then moment(
                case
                    when versions.version = 1
                        then greatest(
                            called.created_s,
                            active_until.last_s - pick(called.h, 'token age', 3 * 86400)
                        )
                    else called.created_s
                end
            )
    end as push_token_at,
    case
        when called.uses_app then pick(called.h, 'push enabled', 100) < 72
        else false
    end as push_enabled,
    null::varchar as account_id,
    null::varchar as account_role,
    called.is_test,
    moment(versions.updated_s) as updated_at,
    called.k * 2 + versions.version as row_n,
    versions.version = 1 as is_newest,
from called
inner join versions on called.k = versions.k
inner join active_until on called.k = active_until.k
"""
