{% macro register_view(source) -%}
    {%- do run_query(
        'create or replace view ' ~ source.schema ~ '.' ~ source.identifier ~ ' as '
        ~ raw_table_query(source, var('raw_tables').get(source.name))
    ) -%}
{%- endmacro %}
