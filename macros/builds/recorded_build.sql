{% macro recorded_build() -%}
    {#- A row, or nothing when no build ever began here. -#}
    {%- set known = load_relation(
        api.Relation.create(database=target.database, schema=target.schema, identifier='build_record')
    ) -%}
    {{ return(run_query('select * from ' ~ build_record()).rows | first if known else none) }}
{%- endmacro %}
