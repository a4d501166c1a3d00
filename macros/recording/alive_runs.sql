{% macro alive_runs(records) -%}
    {#- A run stands unless a later run describes its day or an earlier one. -#}
    (
        select
            run_number,
            as_of_date
        from {{ records }}
        where change = 'run'
        qualify coalesce(
            as_of_date < min(as_of_date) over (
                order by run_number
                rows between 1 following and unbounded following
            ),
            true
        )
    )
{%- endmacro %}
