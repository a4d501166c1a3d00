{{ config(materialized='view') }}

with

kpi_records as (

    select * from {{ ref('segment_kpi_records') }}

),

runs as (

    select run_number
    from {{ ref('segment_runs') }}
    where is_in_force

),

-- of each run in force what was recorded last
in_force as (

    select
        {%- for column in kpi_measures() %}
        kpi_records.{{ column }},
        {%- endfor %}
        kpi_records.segment,
        kpi_records.as_of_date
    from kpi_records
    inner join runs
        on kpi_records.run_number = runs.run_number
    qualify
        kpi_records.record_number = max(kpi_records.record_number) over (
            partition by kpi_records.run_number
        )

)

select * from in_force
