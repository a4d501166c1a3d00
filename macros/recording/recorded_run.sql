{% macro recorded_run(records, state, recording) -%}
    {#- The rows that today's run adds to recorded state, as a subquery. -#}
    {%- set key, carried = recording.key, recording.get('carried', []) -%}
    {%- set added, updated, removed = recording.words -%}
    {%- set is_hashed = 'row_hash' in carried -%}
    {%- set run = recording.get('run', 'run') -%}
    {%- set columns = key + carried -%}
    {%- if not records -%}
        {%- set records = 'no_records' -%}
    {%- endif -%}
    (
        with

        no_records as (

            select
                {%- for column in columns %}
                {{ column }},
                {%- endfor %}
                0::bigint as run_number,
                {{ as_of_date() }} as as_of_date,
                '{{ run }}' as change
            from {{ state }}
            where false

        ),

        last_run as (

            select
                coalesce(max(run_number), 0) as run_number,
                max_by(as_of_date, run_number) filter (where change = '{{ run }}')
                    as as_of_date
            from {{ alive_runs(records) }} as runs

        ),

        compared as (

            select
                {%- for column in key %}
                coalesce(state.{{ column }}, recorded.{{ column }}) as {{ column }},
                {%- endfor %}
                {%- for column in carried %}
                state.{{ column }},
                {%- endfor %}
                state.{{ key[0] }} is not null as is_there,
                coalesce(recorded.change_before <> '{{ removed }}', false) as was_there,
                coalesce(recorded.change_recorded <> '{{ removed }}', false)
                    as is_recorded,
                recorded.change_before is null and recorded.is_named_since
                    as is_retracted,
                recorded.hash_before,
                recorded.hash_recorded
            from {{ state }} as state
            full outer join {{ recorded_rows(records, key, is_hashed) }} as recorded
                on
                    {%- for column in key %}
                    {{ 'and ' if not loop.first }}state.{{ column }} = recorded.{{ column }}
                    {%- endfor %}
            {%- if recording.silent %}
            where
                not exists (
                    select 1
                    from {{ recording.silent }} as silent
                    where
                        silent.{{ key[0] }}
                        = coalesce(state.{{ key[0] }}, recorded.{{ key[0] }})
                )
            {%- endif %}

        ),

        news as (

            select count(*) as row_count
            from compared
            where
                is_there <> is_recorded
                {%- if is_hashed %}
                or (is_there and row_hash <> hash_recorded)
                {%- endif %}

        ),

        changes as (

            select
                {{ columns | join(', ') }},
                case
                    when is_there and not was_there
                        then '{{ added }}'
                    {%- if is_hashed %}
                    when is_there and row_hash <> hash_before
                        then '{{ updated }}'
                    {%- endif %}
                    when was_there and not is_there
                        then '{{ removed }}'
                    {%- if recording.get('retracts') %}
                    -- a run that this one restates was read by others
                    when is_retracted and not is_there
                        then '{{ removed }}'
                    {%- endif %}
                end as change
            from compared

            union all

            -- the run itself, so that a day without changes is known too
            select
                {%- for _ in columns %}
                null,
                {%- endfor %}
                '{{ run }}' as change

        )

        select
            (last_run.run_number + 1)::bigint as run_number,
            {{ as_of_date() }} as as_of_date,
            changes.*
        from changes
        cross join last_run
        cross join news
        where
            changes.change is not null
            -- the same day again with the same rows is nothing new
            and (
                news.row_count > 0
                or last_run.as_of_date is distinct from {{ as_of_date() }}
            )
    )
{%- endmacro %}
