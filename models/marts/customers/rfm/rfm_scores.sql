with

measures as (

    select *
    from {{ ref('int_rfm_measures') }}
    where is_scored

),

profiles as (

    select *
    from {{ ref('rfm_profiles') }}
    where is_enabled

),

recency_thresholds as (

    select *
    from {{ ref('int_rfm_thresholds') }}
    where measure = 'recency'

),

frequency_thresholds as (

    select *
    from {{ ref('int_rfm_thresholds') }}
    where measure = 'frequency'

),

monetary_thresholds as (

    select *
    from {{ ref('int_rfm_thresholds') }}
    where measure = 'monetary'

),

rfm_names as (

    select * from {{ ref('rfm_names') }}

),

-- nothing bought in the window: the lowest score whatever the thresholds are; a gap
-- between purchase days has no threshold below it, since there is none of one purchase
scored as (

    select
        measures.profile,
        measures.customer_id,
        measures.last_order_on,
        measures.recency_days,
        measures.frequency,
        measures.average_gap_days,
        measures.monetary,
        profiles.naming_map,
        recency_thresholds.is_telling,
        {{ rfm_score('measures.recency_rank_value', 'recency_thresholds') }}
            as recency_score,
        case
            when measures.frequency = 0 or measures.lifetime_order_count = 1
                then 1
            when measures.frequency = 1 or measures.frequency_rank_value is null
                then 2
            when profiles.frequency_of = 'cadence'
                then
                    1
                    + {{ rfm_score(
                        'measures.frequency_rank_value', 'frequency_thresholds'
                    ) }}
            else
                {{ rfm_score('measures.frequency_rank_value', 'frequency_thresholds') }}
        end as frequency_score,
        case
            when measures.frequency = 0
                then 1
            else {{ rfm_score('measures.monetary_rank_value', 'monetary_thresholds') }}
        end as monetary_score
    from measures
    inner join profiles
        on measures.profile = profiles.profile
    inner join recency_thresholds
        on measures.profile = recency_thresholds.profile
    inner join frequency_thresholds
        on measures.profile = frequency_thresholds.profile
    inner join monetary_thresholds
        on measures.profile = monetary_thresholds.profile

),

-- half an average is rounded up; where scores tell nothing, the cell is that of nought
cells as (

    select
        naming_map,
        is_telling,
        recency_score,
        frequency_score,
        monetary_score,
        is_telling::int as weight,
        ceil((frequency_score + monetary_score) / 2.0)::int as average_score
    from scored
    group by naming_map, is_telling, recency_score, frequency_score, monetary_score

),

named_cells as (

    select
        cells.naming_map,
        cells.is_telling,
        cells.recency_score,
        cells.frequency_score,
        cells.monetary_score,
        rfm_names.rfm_segment
    from cells
    inner join rfm_names
        on
            cells.naming_map = rfm_names.naming_map
            and cells.recency_score * cells.weight
            between rfm_names.recency_from and rfm_names.recency_to
            and cells.frequency_score * cells.weight
            between rfm_names.frequency_from and rfm_names.frequency_to
            and cells.monetary_score * cells.weight
            between rfm_names.monetary_from and rfm_names.monetary_to
            and cells.average_score * cells.weight
            between rfm_names.average_from and rfm_names.average_to
    qualify row_number() over (
        partition by
            cells.naming_map,
            cells.is_telling,
            cells.recency_score,
            cells.frequency_score,
            cells.monetary_score
        order by rfm_names.priority
    ) = 1

),

named as (

    select
        scored.profile,
        scored.customer_id,
        scored.last_order_on,
        scored.recency_days,
        scored.frequency,
        scored.average_gap_days,
        scored.monetary,
        scored.recency_score::int as recency_score,
        scored.frequency_score::int as frequency_score,
        scored.monetary_score::int as monetary_score,
        named_cells.rfm_segment
    from scored
    inner join named_cells
        on
            scored.naming_map = named_cells.naming_map
            and scored.is_telling = named_cells.is_telling
            and scored.recency_score = named_cells.recency_score
            and scored.frequency_score = named_cells.frequency_score
            and scored.monetary_score = named_cells.monetary_score

)

select * from named
