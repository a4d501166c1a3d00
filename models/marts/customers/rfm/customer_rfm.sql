with

scores as (

    select * from {{ ref('rfm_scores') }}

),

default_profile as (

    select profile
    from {{ ref('rfm_profiles') }}
    where is_default

),

customer_rfm as (

    select
        scores.customer_id,
        scores.last_order_on,
        scores.recency_days,
        scores.frequency,
        scores.monetary,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        scores.rfm_segment,
        scores.profile
    from scores
    inner join default_profile
        on scores.profile = default_profile.profile

)

select * from customer_rfm
