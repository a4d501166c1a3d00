{% macro refuse_misplaced_day() -%}
    {%- if execute and var('backfill') == 'past' and is_incremental() -%}
        {%- set first -%}
            select min(as_of_date) as as_of_date
            from {{ alive_runs(this) }} as runs
            where change = 'run'
        {%- endset -%}
        {%- set first_day = run_query(first).rows[0].as_of_date -%}
        {%- if first_day is not none and as_of_day().isoformat() >= first_day | string -%}
            {{ exceptions.raise_compiler_error(
                as_of_day().isoformat() ~ ' is no day before the first recorded one, '
                ~ first_day ~ ': nothing was recorded. What was recorded from there on is '
                ~ 'restated by: .venv/bin/python scripts/backfill.py --restate'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
