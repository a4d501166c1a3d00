{{ config(materialized='view') }}

with

segment_figures as (

    select *
    from {{ figures_in_force(ref('segment_kpi_records'), ref('segment_runs')) }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

parts as (

    select
        segment_figures.segment,
        segment_figures.as_of_date,
        metrics.metric,
        case metrics.numerator
            {%- for column in kpi_measures() %}
            when '{{ column }}' then segment_figures.{{ column }}::double
            {%- endfor %}
        end as numerator,
        case metrics.denominator
            {%- for column in kpi_measures() %}
            when '{{ column }}' then segment_figures.{{ column }}::double
            {%- endfor %}
            else 1::double
        end as denominator
    from segment_figures
    cross join metrics

),

segment_metrics as (

    select
        segment,
        as_of_date,
        metric,
        numerator / nullif(denominator, 0) as metric_value
    from parts

)

select * from segment_metrics
