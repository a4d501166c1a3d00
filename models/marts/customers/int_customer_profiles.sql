with

stated as (

    select *
    from {{ ref('stg_customers') }}
    where row_state = 'kept'

),

country_aliases as (

    select * from {{ ref('country_aliases') }}

),

customers as (

    select
        stated.*,
        country_aliases.country as known_country,
        {{ completed_years('stated.birth_date') }} as age,
        nullif({{ trimmed('stated.region') }}, '') as stated_region,
        {{ business_date('stated.created_at') }} as signed_up_on,
        -- who lives elsewhere, or writes what nobody knows, is left as entered
        case
            when
                coalesce({{ trimmed('stated.country') }}, '') = ''
                or country_aliases.country = 'KR'
                then {{ region_spelling('stated.region') }}
        end as region_alias
    from stated
    left join country_aliases
        on {{ region_spelling('stated.country') }} = country_aliases.alias

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

region_aliases as (

    {{ region_aliases_in_force() }}

),

reach as (

    select
        customer_id,
        bool_or(is_reachable and channel = 'email') as is_reachable_by_email,
        bool_or(is_reachable and channel = 'sms') as is_reachable_by_sms,
        bool_or(is_reachable and channel = 'push') as is_reachable_by_push,
        bool_or(is_reachable and channel = 'alimtalk') as is_reachable_by_alimtalk,
        bool_or(is_reachable and channel = 'brand_message')
            as is_reachable_by_brand_message,
        bool_or(is_reachable and channel = 'in_app') as is_reachable_by_in_app
    from {{ ref('customer_reach') }}
    group by customer_id

),

first_orders as (

    select
        customer_id,
        min(ordered_on) as first_ordered_on
    from orders
    group by customer_id

),

described as (

    select
        customers.*,
        first_orders.first_ordered_on,
        coalesce(reach.is_reachable_by_email, false) as is_reachable_by_email,
        coalesce(reach.is_reachable_by_sms, false) as is_reachable_by_sms,
        coalesce(reach.is_reachable_by_push, false) as is_reachable_by_push,
        coalesce(reach.is_reachable_by_alimtalk, false) as is_reachable_by_alimtalk,
        coalesce(reach.is_reachable_by_brand_message, false)
            as is_reachable_by_brand_message,
        coalesce(reach.is_reachable_by_in_app, false) as is_reachable_by_in_app,
        coalesce(region_aliases.region, customers.stated_region) as known_region,
        {{ age_band('customers.age') }} as age_band,
        case
            when customers.gender in ('female', 'f', 'w', '여', '여성', '여자')
                then 'female'
            when customers.gender in ('male', 'm', '남', '남성', '남자')
                then 'male'
            else 'unknown'
        end as known_gender
    from customers
    left join first_orders
        on customers.customer_id = first_orders.customer_id
    left join reach
        on customers.customer_id = reach.customer_id
    left join region_aliases
        on customers.region_alias = region_aliases.alias

),

counted as (

    select
        *,
        (
            case when name is not null then 1 else 0 end
            + case when email is not null then 1 else 0 end
            + case when phone is not null then 1 else 0 end
            + case when birth_date is not null then 1 else 0 end
            + case when gender is not null then 1 else 0 end
            + case when stated_region is not null then 1 else 0 end
        )::int as profile_fields_known
    from described

),

profiles as (

    select
        customer_id,
        name,
        email,
        phone,
        birth_date,
        age,
        age_band,
        known_gender as gender,
        known_country as country,
        known_region as region,
        city,
        language,
        interests,
        signup_channel,
        plan,
        is_test,
        signed_up_on,
        first_ordered_on,
        profile_fields_known,
        is_reachable_by_email,
        is_reachable_by_sms,
        is_reachable_by_push,
        is_reachable_by_alimtalk,
        is_reachable_by_brand_message,
        is_reachable_by_in_app,
        nullif({{ trimmed('signup_campaign') }}, '') as signup_campaign,
        not is_test and age_band <> 'under_14' as is_segment_candidate,
        least(signed_up_on, first_ordered_on) as known_on,
        {{ days_between('signed_up_on', as_of_date()) }}::int as days_since_sign_up,
        (profile_fields_known / 6)::decimal(5, 4) as profile_completeness
    from counted

)

select * from profiles
