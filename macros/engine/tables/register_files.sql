{% macro register_files(source) -%}
    {#- Spark makes a table over a folder, with the columns of the contract; a folder that
        is not there is an empty table. A table of the shop is a view, as elsewhere. -#}
    {%- set known = known_relation(source.schema, source.identifier) -%}
    {%- if known -%}{%- do adapter.drop_relation(known) -%}{%- endif -%}
    {%- if source.name in var('raw_tables') -%}
        {{ return(register_view(source)) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in source.columns.values() -%}
        {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- do run_query(
        'create table ' ~ source.schema ~ '.' ~ source.identifier
        ~ ' (' ~ (columns | join(', ')) ~ ') using parquet location '
        ~ sql_text(landing_folder() ~ '/' ~ source.name)
    ) -%}
{%- endmacro %}
