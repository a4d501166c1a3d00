{% macro replace_table(relation, query) -%}
    {#- The query may read the table that it replaces. On Spark a table is missing for a
        moment, which its readers take for the worst that it could say. -#}
    {%- if by_engine(duckdb=true, spark=false) -%}
        {%- do run_query('create or replace table ' ~ relation ~ ' as ' ~ query) -%}
    {%- else -%}
        {%- do run_query('drop table if exists ' ~ relation ~ '__new') -%}
        {%- do run_query('create table ' ~ relation ~ '__new as ' ~ query) -%}
        {%- do run_query('drop table if exists ' ~ relation) -%}
        {%- do run_query('alter table ' ~ relation ~ '__new rename to ' ~ relation) -%}
    {%- endif -%}
{%- endmacro %}
