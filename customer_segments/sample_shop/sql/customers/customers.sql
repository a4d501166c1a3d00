-- The customers as the shop knows them, a row for each version.
create or replace temp table customers_rows as
with changes as (

    select
        k,
        changed_s
    from plan_changes
    where from_plan <> to_plan

    union all

    select
        k,
        moved_s as changed_s
    from people
    where moved_s < end_s()

),

latest as (

    select
        k,
        max(changed_s, 2) as times
    from changes
    group by k

),

versions as (

    select
        people.k,
        people.moved_s,
        greatest(people.created_s, latest.times[1]) as updated_s,
        1 as version
    from people
    left join latest on people.k = latest.k

    union all

    select
        people.k,
        people.moved_s,
        greatest(people.created_s, latest.times[2]) as updated_s,
        0 as version
    from people
    inner join latest on people.k = latest.k
    where
        latest.times[1] > people.created_s
        and latest.times[1] >= end_s() - 40 * 86400

),

plans as (

    select
        versions.k,
        versions.version,
        max_by(plan_changes.to_plan, plan_changes.changed_s) as plan
    from versions
    inner join plan_changes
        on
            versions.k = plan_changes.k
            and versions.updated_s >= plan_changes.changed_s
    group by versions.k, versions.version

),

-- one point for each hundred won of own orders, a third of them still unspent
spent as (

    select
        k,
        sum(gross)::bigint as gross,
        max(ordered_s) as last_s
    from settled
    where not is_guest and currency = 'KRW'
    group by k

),

families as (

    select
        people.*,
        case
            when
                people.person_k = people.k and people.k % 2 = 1
                and pick(people.h, 'family', 1000) < 12
                then people.k - 1
            else people.person_k
        end as phone_k,
        pick(people.person_h, 'given name', 1000) as given_slot,
        case
            when people.real_birth_date >= date '1996-01-01' then 'young'
            when people.real_birth_date >= date '1976-01-01' then 'middle'
            else 'senior'
        end as generation
    from people

),

called as (

    select
        families.*,
        '0' || right((10000000 + families.phone_k * 7919 % 10000000)::varchar, 7)
            as phone_digits,
        left(phone_digits, 4) || '-' || right(phone_digits, 4) as dashed_digits,
        case
            when families.nation <> 'KR' then foreign_names.text
            when pick(families.person_h, 'decomposed', 1000) < 20
                then family_names.decomposed || given_names.decomposed
            else family_names.text || given_names.text
        end as name,
        [
            'haneul', 'bada', 'sarang', 'byul', 'namu', 'gaeul', 'maru', 'dodam',
            'saebyeok', 'iseul', 'noeul', 'garam'
        ][1 + pick(families.h, 'e-mail name', 12)]
        || (100 + families.k) as email_name,
        case
            when pick(families.h, 'e-mail domain', 100) < 48 then '@naver.example'
            when pick(families.h, 'e-mail domain', 100) < 80 then '@gmail.example'
            when pick(families.h, 'e-mail domain', 100) < 90 then '@kakao.example'
            else '@daum.example'
        end as email_domain,
        pick(families.h, 'e-mail', 1000) as email_slot,
        pick(families.h, 'phone form', 1000) as phone_slot,
        pick(families.h, 'gender', 1000) as gender_slot,
        pick(families.h, 'interests', 100) as interest_slot,
        families.country = 'KR' and pick(families.h, 'region known', 100) >= 8
            as tells_region,
        families.uses_app and pick(families.h, 'token', 100) < 92 as has_token
    from families
    inner join name_slots as family_names
        on
            family_names.kind = 'family'
            and family_names.slot = pick(families.person_h, 'family name', 1000)
    inner join name_slots as given_names
        on
            given_names.kind = 'given'
            and families.generation = given_names.generation
            and families.sex = given_names.sex
            and families.given_slot = given_names.slot
    left join name_slots as foreign_names
        on
            foreign_names.kind = 'foreign'
            and families.nation = foreign_names.country
            and families.given_slot = foreign_names.slot

)

select
    called.customer_id,
    moment(called.created_s) as created_at,
    case
        when called.email_slot < 45 then null
        when called.email_slot < 48 then called.email_name || '@'
        when called.email_slot < 70
            then upper(called.email_name) || called.email_domain
        when called.email_slot < 80
            then called.email_name || called.email_domain || ' '
        when called.email_slot < 90
            then called.email_name || '+shop' || called.email_domain
        else called.email_name || called.email_domain
    end as email,
    case
        when called.phone_slot < 60 then null
        when called.phone_slot < 63 then '010-0'
        when called.phone_slot < 550 then '010-' || called.dashed_digits
        when called.phone_slot < 850 then '010' || called.phone_digits
        when called.phone_slot < 920 then '+82 10-' || called.dashed_digits
        when called.phone_slot < 950 then '+8210' || called.phone_digits
        when called.phone_slot < 962 then '011-' || called.dashed_digits
        when called.phone_slot < 975 then '0504-' || called.dashed_digits
        else '010 ' || replace(called.dashed_digits, '-', ' ')
    end as phone,
    called.name,
    case when not called.hides_birth_date then called.real_birth_date end as birth_date,
    case
        when called.hides_birth_date and called.signup_channel = 'kakao'
            then strftime(called.real_birth_date, '%m%d')
    end as birthday,
    case
        when called.gender_slot < 270 then null
        when called.gender_slot < 280 then 'other'
        else called.sex
    end as gender,
    called.country,
    case
        when not called.tells_region then null
        when pick(called.h, 'spelling', 100) < 40 then called.spellings[1]
        when pick(called.h, 'spelling', 100) < 85 then called.spellings[2]
        when pick(called.h, 'spelling', 100) < 95 then called.spellings[3]
        else called.spellings[4]
    end as region,
    case
        when not called.tells_region then null
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
        when called.kind <> 'shop' or called.interest_slot < 45 then null
        when called.interest_slot < 70 then called.favourite
        when called.favourite = 'food' then 'food|home'
        when called.interest_slot < 88 then called.favourite || '|food'
        when called.favourite = 'beauty' then 'beauty|fashion|kids'
        else called.favourite || '|beauty|' || '여행'
    end as interests,
    called.signup_channel,
    case
        when
            called.kind = 'shop' and called.sign_up_day >= 0
            and pick(called.h, 'campaign', 100) < 20
            then
                'M' || (
                    1001 + called.sign_up_day // 12
                    - (called.sign_up_day // 12 % 10 = 9)::integer
                )
    end as signup_campaign,
    case
        when called.kind = 'shop' then null
        else coalesce(plans.plan, 'free')
    end as plan,
    case
        when called.kind <> 'shop' then null
        when spent.gross >= 1000000 then 'VIP'
        when spent.gross >= 300000 then 'GOLD'
        when spent.gross >= 100000 then 'SILVER'
        else 'WELCOME'
    end as membership_grade,
    case when called.kind = 'shop' then coalesce(spent.gross // 300, 0) end as points,
    case
        when spent.gross >= 300
            then
                seoul_date(end_s())
                + (365 - (end_s() - spent.last_s) // 86400 % 365)::integer
    end as points_expire_on,
    case
        when called.has_token
            then 'token-' || (1000000000 + draw(called.h, 'token')) || '-' || called.k
    end as push_token,
    case
        when called.has_token
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
    'B' || (1001 + called.account_n) as account_id,
    case
        when called.account_n is null then null
        when called.k % 2 = 0 then 'owner'
        else ['decision_maker', 'buyer', 'finance', 'user', 'user'][
            1 + pick(called.h, 'role', 5)
        ]
    end as account_role,
    called.is_test,
    moment(versions.updated_s) as updated_at,
    called.k * 2 + versions.version as row_n
from called
inner join versions on called.k = versions.k
left join plans on versions.k = plans.k and versions.version = plans.version
left join spent on called.k = spent.k
inner join active_until on called.k = active_until.k;
