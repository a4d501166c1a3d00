{{ config(group='warehouse') }}

-- every enabled profile scores each buyer once and names their cell as its map does;
-- the customers table says the name of the default one, and the others are prospects
with

customers as (

    select *
    from {{ ref('customers') }}
    where not is_test

),

profiles as (

    select *
    from {{ ref('rfm_profiles') }}
    where is_enabled

),

-- nothing is said of a ranking that tells nothing
rankings as (

    select
        profile,
        is_telling::int as weight
    from {{ ref('int_rfm_thresholds') }}
    where measure = 'recency'

),

scores as (

    select
        scores.profile,
        scores.customer_id,
        scores.rfm_segment,
        scores.recency_score * rankings.weight as recency_score,
        scores.frequency_score * rankings.weight as frequency_score,
        scores.monetary_score * rankings.weight as monetary_score
    from {{ ref('rfm_scores') }} as scores
    inner join rankings
        on scores.profile = rankings.profile

),

customer_rfm as (

    select
        customer_id,
        count(*) as score_count,
        min(rfm_segment) as rfm_segment
    from {{ ref('customer_rfm') }}
    group by customer_id

),

rfm_names as (

    select * from {{ ref('rfm_names') }}

),

names_due as (

    select
        scores.profile,
        scores.customer_id,
        min_by(rfm_names.rfm_segment, rfm_names.priority) as rfm_segment
    from scores
    inner join profiles
        on scores.profile = profiles.profile
    inner join rfm_names
        on
            profiles.naming_map = rfm_names.naming_map
            and scores.recency_score between rfm_names.recency_from
            and rfm_names.recency_to
            and scores.frequency_score between rfm_names.frequency_from
            and rfm_names.frequency_to
            and scores.monetary_score between rfm_names.monetary_from
            and rfm_names.monetary_to
            and ceil((scores.frequency_score + scores.monetary_score) / 2.0)
            between rfm_names.average_from and rfm_names.average_to
    group by scores.profile, scores.customer_id

),

counted as (

    select
        profile,
        customer_id,
        count(*) as score_count,
        min(rfm_segment) as rfm_segment
    from scores
    group by profile, customer_id

),

expected as (

    select
        customers.customer_id,
        customers.rfm_segment as told_segment,
        profiles.profile,
        profiles.is_default,
        case when customers.order_count > 0 then 1 else 0 end as due_count
    from customers
    cross join profiles

),

compared as (

    select
        expected.is_default,
        expected.told_segment,
        customer_rfm.rfm_segment as default_segment,
        counted.rfm_segment as scored_segment,
        names_due.rfm_segment as due_segment,
        coalesce(expected.profile, counted.profile) as profile,
        coalesce(expected.customer_id, counted.customer_id) as customer_id,
        coalesce(expected.due_count, 0) as due_count,
        coalesce(counted.score_count, 0) as score_count,
        coalesce(customer_rfm.score_count, 0) as default_count
    from expected
    full outer join counted
        on
            expected.profile = counted.profile
            and expected.customer_id = counted.customer_id
    left join names_due
        on
            counted.profile = names_due.profile
            and counted.customer_id = names_due.customer_id
    left join customer_rfm
        on expected.customer_id = customer_rfm.customer_id

),

misnamed as (

    select *
    from compared
    where
        score_count <> due_count
        or scored_segment is distinct from due_segment
        or (
            is_default
            and (
                default_count <> due_count
                or default_segment is distinct from due_segment
                or told_segment is distinct from coalesce(due_segment, 'prospect')
            )
        )

)

select * from misnamed
