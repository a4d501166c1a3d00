with

measures as (

    select * from {{ ref('int_rfm_measures') }}

),

recency_thresholds as (

    select *
    from {{ ref('rfm_thresholds') }}
    where measure = 'recency'

),

frequency_thresholds as (

    select *
    from {{ ref('rfm_thresholds') }}
    where measure = 'frequency'

),

monetary_thresholds as (

    select *
    from {{ ref('rfm_thresholds') }}
    where measure = 'monetary'

),

rfm_names as (

    select * from {{ ref('rfm_names') }}

),

-- nothing bought in the window: the lowest score whatever the thresholds are
scored as (

    select
        measures.customer_id,
        measures.last_order_on,
        measures.recency_days,
        measures.frequency,
        measures.monetary,
        {{ rfm_score('measures.recency_rank_value', 'recency_thresholds') }}
            as recency_score,
        case
            when measures.frequency = 0 or measures.lifetime_order_count = 1
                then 1
            when measures.frequency = 1
                then 2
            else {{ rfm_score('measures.frequency', 'frequency_thresholds') }}
        end as frequency_score,
        case
            when measures.frequency = 0
                then 1
            else {{ rfm_score('measures.monetary_rank_value', 'monetary_thresholds') }}
        end as monetary_score
    from measures
    cross join recency_thresholds
    cross join frequency_thresholds
    cross join monetary_thresholds

),

named as (

    select
        scored.customer_id,
        scored.last_order_on,
        scored.recency_days,
        scored.frequency,
        scored.monetary,
        scored.recency_score::int as recency_score,
        scored.frequency_score::int as frequency_score,
        scored.monetary_score::int as monetary_score,
        rfm_names.rfm_segment
    from scored
    inner join rfm_names
        on
            scored.recency_score
            between rfm_names.recency_from and rfm_names.recency_to
            and scored.frequency_score
            between rfm_names.frequency_from and rfm_names.frequency_to
            and scored.monetary_score
            between rfm_names.monetary_from and rfm_names.monetary_to
    qualify row_number() over (
        partition by scored.customer_id
        order by rfm_names.priority
    ) = 1

)

select * from named
