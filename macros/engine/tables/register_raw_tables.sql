{% macro register_raw_tables() -%}
    {#- One statement at a time: Spark takes no more. -#}
    {%- if execute -%}
        {%- do check_raw_tables() -%}
        {%- set schemas = [] -%}
        {%- for source in graph.sources.values()
            | selectattr('package_name', 'equalto', 'customer_segments')
            | sort(attribute='name') -%}
            {%- if source.schema not in schemas -%}
                {%- do schemas.append(source.schema) -%}
                {%- do run_query('create schema if not exists ' ~ source.schema) -%}
            {%- endif -%}
            {%- do by_engine(duckdb=register_view, spark=register_files)(source) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
