{{ config(materialized='view') }}

with

segment_figures as (

    select *
    from {{ figures_in_force(ref('segment_kpi_records'), ref('segment_runs')) }}

),

segments as (

    select
        segment,
        metric
    from {{ ref('segments') }}

),

metrics as (

    select
        metric,
        direction
    from {{ ref('metrics') }}

),

segment_metrics as (

    select * from {{ ref('segment_metrics') }}

),

valued as (

    select
        segment_figures.segment,
        segment_figures.as_of_date,
        segments.metric,
        segment_metrics.metric_value,
        case
            when metrics.direction = 'lower'
                then segment_metrics.metric_value
            else -segment_metrics.metric_value
        end as badness,
        (
            segment_metrics.metric_value is not null
            and segment_figures.customer_count >= {{ var('k_minimum') }}
        ) as is_ranked
    from segment_figures
    inner join segments
        on segment_figures.segment = segments.segment
    left join metrics
        on segments.metric = metrics.metric
    left join segment_metrics
        on
            segment_figures.segment = segment_metrics.segment
            and segment_figures.as_of_date = segment_metrics.as_of_date
            and segments.metric = segment_metrics.metric

),

-- equal values share a place
ranked as (

    select
        segment,
        as_of_date,
        metric,
        metric_value,
        case
            when is_ranked
                then
                    rank() over (
                        partition by as_of_date, metric, is_ranked
                        order by badness
                    )
        end as metric_rank
    from valued

),

segment_kpis as (

    select
        segment_figures.segment,
        segment_figures.as_of_date,
        segment_figures.customer_count,
        segment_figures.entered,
        segment_figures.left_count as {{ adapter.quote("left") }},
        {%- for measure in (kpi_measures() | list)[3:] %}
        segment_figures.{{ measure }},
        {%- endfor %}
        segment_figures.followed_converted_count::double
        / nullif(segment_figures.followed_customer_count, 0) as conversion_rate,
        segment_figures.net_revenue::double
        / nullif(segment_figures.order_count, 0) as average_order_value,
        ranked.metric,
        ranked.metric_value,
        ranked.metric_rank::int as metric_rank
    from segment_figures
    left join ranked
        on
            segment_figures.segment = ranked.segment
            and segment_figures.as_of_date = ranked.as_of_date

)

select * from segment_kpis
