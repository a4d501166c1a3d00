with

-- who bought nothing in the window has nothing to be ranked by
ranked as (

    select *
    from {{ ref('int_rfm_measures') }}
    where frequency > 0

),

buyers as (

    select
        count(*) as ranked_customers,
        percentile_disc(0.2) within group (order by recency_rank_value) as recency_1,
        percentile_disc(0.4) within group (order by recency_rank_value) as recency_2,
        percentile_disc(0.6) within group (order by recency_rank_value) as recency_3,
        percentile_disc(0.8) within group (order by recency_rank_value) as recency_4,
        percentile_disc(0.2) within group (order by monetary_rank_value) as monetary_1,
        percentile_disc(0.4) within group (order by monetary_rank_value) as monetary_2,
        percentile_disc(0.6) within group (order by monetary_rank_value) as monetary_3,
        percentile_disc(0.8) within group (order by monetary_rank_value) as monetary_4
    from ranked

),

-- one lifetime order is always the lowest score; the others are quartered
repeat_buyers as (

    select
        count(*) as ranked_customers,
        percentile_disc(0.25) within group (order by frequency::bigint) as frequency_2,
        percentile_disc(0.5) within group (order by frequency::bigint) as frequency_3,
        percentile_disc(0.75) within group (order by frequency::bigint) as frequency_4
    from ranked
    where lifetime_order_count > 1

),

listed as (

    select
        'recency' as measure,
        recency_1 as threshold_1,
        recency_2 as threshold_2,
        recency_3 as threshold_3,
        recency_4 as threshold_4,
        ranked_customers
    from buyers

    union all

    select
        'frequency' as measure,
        1 as threshold_1,
        frequency_2 as threshold_2,
        frequency_3 as threshold_3,
        frequency_4 as threshold_4,
        ranked_customers
    from repeat_buyers

    union all

    select
        'monetary' as measure,
        monetary_1 as threshold_1,
        monetary_2 as threshold_2,
        monetary_3 as threshold_3,
        monetary_4 as threshold_4,
        ranked_customers
    from buyers

),

thresholds as (

    select
        measure,
        threshold_1::bigint as threshold_1,
        threshold_2::bigint as threshold_2,
        threshold_3::bigint as threshold_3,
        threshold_4::bigint as threshold_4,
        ranked_customers::bigint as ranked_customers,
        case
            when ranked_customers < {{ var('rfm_reliable_from') }}
                then 'low'
            when
                threshold_1 = threshold_2
                or threshold_2 = threshold_3
                or threshold_3 = threshold_4
                then 'low'
            else 'ok'
        end as score_reliability,
        {{ as_of_date() }} as as_of_date
    from listed

)

select * from thresholds
