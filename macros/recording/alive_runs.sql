{% macro alive_runs(records) -%}
    {#- A run stands unless a later run describes its day, or an earlier one; a past run
        puts a day before those of others and lets them stand. -#}
    (
        select
            run_number,
            as_of_date,
            change
        from {{ records }}
        where change in ('run', 'past_run')
        qualify
            run_number = max(run_number) over (partition by as_of_date)
            and coalesce(
                as_of_date < min(case when change = 'run' then as_of_date end) over (
                    order by run_number
                    rows between 1 following and unbounded following
                ),
                true
            )
    )
{%- endmacro %}
