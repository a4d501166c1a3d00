{% macro recorded_build() -%}
    {%- do run_query('create schema if not exists ' ~ target.schema) -%}
    {%- do run_query(
        'create table if not exists ' ~ build_record() ~ ' (state string, reason string, '
        ~ 'as_of_date date, tables_of date, invocation_id string)'
    ) -%}
    {{ return(run_query('select * from ' ~ build_record()).rows | first) }}
{%- endmacro %}
