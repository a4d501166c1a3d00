{% macro register_raw_tables() -%}
    {#- A view per raw table: over the landed files, over a table of the shop's own
        database (variable raw_tables), or empty when there is neither. -#}
    {%- if execute -%}
        {%- do check_raw_tables() -%}
        {%- set statements = [] -%}
        {%- set schemas = [] -%}
        {%- for source in graph.sources.values()
            | selectattr('package_name', 'equalto', 'customer_segments')
            | sort(attribute='name') -%}
            {%- if source.schema not in schemas -%}
                {%- do schemas.append(source.schema) -%}
                {%- do statements.append(
                    'create schema if not exists ' ~ source.schema
                ) -%}
            {%- endif -%}
            {%- set shop_table = var('raw_tables').get(source.name) -%}
            {%- set body = raw_table_query(source, shop_table) -%}
            {%- do statements.append(
                'create or replace view ' ~ source.schema ~ '.' ~ source.identifier
                ~ ' as ' ~ body
            ) -%}
        {%- endfor -%}
        {{ return(statements | join(';\n')) }}
    {%- endif -%}
{%- endmacro %}
