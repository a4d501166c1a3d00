{% macro alive_changes(records) -%}
    {#- What a run says again is no change: a day that was recorded after later ones makes
        their entries and exits repeat what it says. -#}
    (
        select
            records.segment,
            records.customer_id,
            records.change,
            records.as_of_date as changed_on,
            records.version,
            records.run_number
        from {{ records }} as records
        inner join {{ alive_runs(records) }} as runs
            on records.run_number = runs.run_number
        where records.change in ('entered', 'left')
        qualify
            records.change <> coalesce(
                lag(records.change) over (
                    partition by records.segment, records.customer_id
                    order by records.as_of_date
                ),
                'left'
            )
    )
{%- endmacro %}
