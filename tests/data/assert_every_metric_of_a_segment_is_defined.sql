-- each segment is judged by a metric of the seed, made of columns that there are
{%- set columns = kpi_measures() %}
with

segments as (

    select * from {{ ref('segments') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

undefined as (

    select
        segments.segment as name,
        segments.metric as problem
    from segments
    where
        not exists (
            select 1
            from metrics
            where metrics.metric = segments.metric
        )

    union all

    select
        metric as name,
        numerator || ' ÷ ' || coalesce(denominator, '1') as problem
    from metrics
    where
        numerator not in {{ sql_list(columns) }}
        or coalesce(denominator not in {{ sql_list(columns) }}, false)

)

select * from undefined
