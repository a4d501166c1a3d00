{% macro recorded_changes() -%}
    {#- The membership log before the as-of day. Read from the table and not by ref():
        what is recorded today depends on the rules that ask for it. -#}
    {%- set node = graph.nodes['model.customer_segments.segment_records'] -%}
    {%- set relation = adapter.get_relation(node.database, node.schema, node.alias)
        if execute else none -%}
    {%- if not relation -%}
        {{ return(
            "(select '' as segment, '' as customer_id, '' as change, "
            ~ as_of_date() ~ ' as changed_on where false)'
        ) }}
    {%- endif -%}
    (
        select
            records.segment,
            records.customer_id,
            records.change,
            records.as_of_date as changed_on
        from {{ relation }} as records
        inner join {{ alive_segment_runs(relation) }} as alive_runs
            on records.run_number = alive_runs.run_number
        where
            records.change <> 'run'
            and records.as_of_date < {{ as_of_date() }}
    )
{%- endmacro %}
