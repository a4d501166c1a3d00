-- a naming map names every combination of its scores, and none of its rows is idle but
-- the one for who is not ranked
with

rfm_names as (

    select * from {{ ref('rfm_names') }}

),

naming_maps as (

    select
        naming_map,
        max(recency_to) as bins
    from rfm_names
    group by naming_map

),

scores (score) as (

    values (1), (2), (3), (4), (5)

),

cells as (

    select
        naming_maps.naming_map,
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score,
        ceil((frequency.score + monetary.score) / 2.0)::int as average_score
    from naming_maps
    inner join scores as recency
        on naming_maps.bins >= recency.score
    inner join scores as frequency
        on naming_maps.bins >= frequency.score
    inner join scores as monetary
        on naming_maps.bins >= monetary.score

),

matched as (

    select
        cells.naming_map,
        cells.recency_score,
        cells.frequency_score,
        cells.monetary_score,
        min(rfm_names.priority) as priority
    from cells
    left join rfm_names
        on
            cells.naming_map = rfm_names.naming_map
            and cells.recency_score
            between rfm_names.recency_from and rfm_names.recency_to
            and cells.frequency_score
            between rfm_names.frequency_from and rfm_names.frequency_to
            and cells.monetary_score
            between rfm_names.monetary_from and rfm_names.monetary_to
            and cells.average_score
            between rfm_names.average_from and rfm_names.average_to
    group by
        cells.naming_map,
        cells.recency_score,
        cells.frequency_score,
        cells.monetary_score

),

idle as (

    select rfm_names.*
    from rfm_names
    left join matched
        on
            rfm_names.naming_map = matched.naming_map
            and rfm_names.priority = matched.priority
    where
        matched.naming_map is null
        and rfm_names.recency_from > 0

),

broken as (

    select
        naming_map,
        'no name for ' || recency_score::string || frequency_score::string
        || monetary_score::string as problem
    from matched
    where priority is null

    union all

    select
        naming_map,
        rfm_segment || ', priority ' || priority::string || ', is never reached'
            as problem
    from idle

)

select * from broken
