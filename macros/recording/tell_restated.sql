{% macro tell_restated() -%}
    {%- if execute and is_incremental() and var('backfill') != 'past' -%}
        {%- set later -%}
            with records as (select * from {{ this }}),
            runs as (
                select * from {{ alive_runs('records') }} as alive_runs
                where as_of_date > {{ as_of_date() }}
            )
            select
                count(distinct runs.run_number) as run_count,
                min(runs.as_of_date) as first_day,
                max(runs.as_of_date) as last_day,
                sum(case when records.change in ('entered', 'left') then 1 else 0 end) as moved
            from records
            inner join runs on records.run_number = runs.run_number
        {%- endset -%}
        {%- set told = run_query(later).rows[0] -%}
        {%- if told.run_count -%}
            {%- do print(
                'As of ' ~ as_of_day().isoformat() ~ ', an earlier day: ' ~ told.run_count
                ~ ' later runs (' ~ told.first_day ~ ' to ' ~ told.last_day
                ~ ') are no longer in force, and with them '
                ~ told.moved ~ ' memberships that began or ended. '
                ~ 'Build those days again, in their order.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
