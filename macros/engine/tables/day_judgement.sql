{% macro day_judgement(raw_table) -%}
    {#- DuckDB asks customer_segments.quiet_days, which profiles.yml makes known to it. Spark
        calls no Python here: a day without any row is judged by its weekday alone. -#}
    {%- if by_engine(duckdb=true, spark=false) -%}
    {%- set accepted = known_relation('landing', 'accepted_days') if execute -%}
    select
        judged_day(
            {{ sql_text(raw_table) }},
            list(day),
            list(row_count),
            {{ as_of_date() }},
            (select coalesce(list(day), []::date[]) from holidays),
            {{ '(select coalesce(list(day), []::date[]) from ' ~ accepted ~ ')'
                if accepted else '[]::date[]' }},
            {{ var('quiet_day_weeks') }},
            {{ var('quiet_day_years') }}::double
        ) as message
    from day_counts
    having count(*) > 0
    {%- else -%}
    select
        {{ sql_text(
            raw_table ~ ': ' ~ as_of_day() ~ ' has 0 rows, and its weekday had some in each '
            ~ 'of twelve weeks. Load the missing file; or, if it really was that quiet: dbt '
            ~ "build --vars '{accept_quiet_day: true}'"
        ) }} as message
    from day_counts
    having
        count_if(day = {{ as_of_date() }}) = 0
        and count_if(
            day in (
                {%- for week in range(1, 13) %}
                {{ as_of_date() }} - {{ 7 * week }}{{ ',' if not loop.last }}
                {%- endfor %}
            )
        ) = 12
    {%- endif -%}
{%- endmacro %}
