{% macro recorded_figures(records, figures, recording) -%}
    {#- The rows that today's run adds to recorded figures, as a subquery: all of them, or
        none when they were recorded for this run as they are. A column that is new has
        not been recorded yet. -#}
    {%- set known = recording.columns if records is string or not records
        else adapter.get_columns_in_relation(records) | map(attribute='name') | list -%}
    {%- set is_comparable = records and not recording.columns | reject('in', known) | list -%}
    {%- set columns = recording.columns | join(', ') -%}
    (
        with

        current_run as (

            select max(run_number) as run_number
            from {{ recording.runs }}
            where is_in_force and as_of_date = {{ as_of_date() }}

        ),

        {%- if is_comparable %}

        recorded as (

            select records.*
            from {{ records }} as records
            inner join current_run
                on records.run_number = current_run.run_number
            qualify
                records.record_number = max(records.record_number) over (
                    partition by records.run_number
                )

        ),
        {%- endif %}

        -- rows that one side has more often than the other
        different as (

            {%- if is_comparable %}

            select {{ columns }}
            from (
                select {{ columns }}, 1 as excess
                from {{ figures }}

                union all

                select {{ columns }}, -1 as excess
                from recorded
            )
            group by {{ columns }}
            having sum(excess) <> 0
            {%- else %}

            select true as is_new
            {%- endif %}

        ),

        difference as (

            select count(*) as row_count
            from different

        ),

        last_record as (

            select
                {%- if records %}
                coalesce(max(record_number), 0) as record_number
            from {{ records }}
                {%- else %}
                0 as record_number
                {%- endif %}

        )

        select
            current_run.run_number,
            (last_record.record_number + 1)::bigint as record_number,
            {{ as_of_date() }} as as_of_date,
            figures.*
        from {{ figures }} as figures
        cross join current_run
        cross join difference
        cross join last_record
        where difference.row_count > 0 and current_run.run_number is not null
    )
{%- endmacro %}
