{% macro figures_in_force(records, runs) -%}
    {#- Of each run in force what was recorded last, as a subquery. -#}
    (
        select records.*
        from {{ records }} as records
        inner join {{ runs }} as runs
            on records.run_number = runs.run_number
        where runs.is_in_force
        qualify
            records.record_number = max(records.record_number) over (
                partition by records.run_number
            )
    )
{%- endmacro %}
