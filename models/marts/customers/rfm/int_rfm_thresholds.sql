with

profiles as (

    select *
    from {{ ref('rfm_profiles') }}
    where is_enabled

),

-- who bought nothing in the window has nothing to be ranked by
buyers as (

    select *
    from {{ ref('int_rfm_measures') }}
    where is_ranked and frequency > 0

),

-- one lifetime order is always the lowest score for frequency, and takes no part
measures (measure, unranked_scores) as (

    values ('recency', 0), ('frequency', 1), ('monetary', 0)

),

ranked as (

    select
        buyers.profile,
        measures.measure,
        case
            when measures.measure = 'recency'
                then buyers.recency_rank_value
            when measures.measure = 'monetary'
                then buyers.monetary_rank_value
            when buyers.lifetime_order_count > 1
                then buyers.frequency_rank_value
        end as rank_value
    from buyers
    cross join measures

),

counted as (

    select
        profile,
        measure,
        rank_value,
        count(*) as customer_count
    from ranked
    where rank_value is not null
    group by profile, measure, rank_value

),

cumulated as (

    select
        profile,
        measure,
        rank_value,
        sum(customer_count) over (
            partition by profile, measure
            order by rank_value
        ) as customers_up_to_here,
        sum(customer_count) over (partition by profile, measure)
            as ranked_customers
    from counted

),

-- one row even where nobody is ranked
positioned as (

    select
        profiles.profile,
        profiles.frequency_of,
        profiles.bins,
        measures.measure,
        measures.unranked_scores,
        cumulated.rank_value,
        cumulated.customers_up_to_here,
        cumulated.ranked_customers,
        profiles.bins - measures.unranked_scores as parts,
        least(profiles.frozen_on, {{ as_of_date() }}) as ranked_on
    from profiles
    cross join measures
    left join cumulated
        on
            profiles.profile = cumulated.profile
            and measures.measure = cumulated.measure

),

-- the smallest value with at least so many parts of the ranked at or below it
cut as (

    select
        profile,
        measure,
        frequency_of,
        ranked_on,
        {%- for number in range(1, 5) %}
        min(
            case
                when
                    unranked_scores < {{ number }}
                    and bins > {{ number }}
                    and customers_up_to_here * parts
                    >= ranked_customers * ({{ number }} - unranked_scores)
                    then rank_value
            end
        ) as cut_{{ number }},
        {%- endfor %}
        coalesce(max(ranked_customers), 0) as ranked_customers
    from positioned
    group by profile, measure, frequency_of, ranked_on

),

listed as (

    select
        profile,
        measure,
        frequency_of,
        cut_2 as threshold_2,
        cut_3 as threshold_3,
        cut_4 as threshold_4,
        ranked_customers,
        ranked_on,
        case when measure = 'frequency' and frequency_of = 'count' then 1 else cut_1 end
            as threshold_1
    from cut

),

thresholds as (

    select
        profile,
        measure,
        frequency_of,
        threshold_1::bigint as threshold_1,
        threshold_2::bigint as threshold_2,
        threshold_3::bigint as threshold_3,
        threshold_4::bigint as threshold_4,
        ranked_customers::bigint as ranked_customers,
        case
            when
                ranked_customers < {{ var('rfm_reliable_from') }}
                or threshold_1 = threshold_2
                or threshold_2 = threshold_3
                or threshold_3 = threshold_4
                then 'low'
            else 'ok'
        end as score_reliability,
        ranked_customers >= {{ var('rfm_reliable_from') }}
        and coalesce(
            threshold_1 < greatest(threshold_2, threshold_3, threshold_4), true
        ) as is_telling,
        ranked_on
    from listed

)

select * from thresholds
