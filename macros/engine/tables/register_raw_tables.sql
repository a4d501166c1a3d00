{% macro register_raw_tables() -%}
    {#- One statement at a time: Spark takes no more. What was loaded is checked before a
        file is opened. Who changes nothing reads what the build
        has read. -#}
    {%- set known = known_relation('landing', 'landed_faults')
        if execute and not changes_tables() -%}
    {%- if execute and not known -%}
        {%- do check_raw_tables() -%}
        {%- set sources = graph.sources.values()
            | selectattr('package_name', 'equalto', 'customer_segments')
            | selectattr('source_name', 'in', ['raw', 'landing'])
            | rejectattr('name', 'equalto', 'landed_files')
            | sort(attribute='name') -%}
        {%- for schema in sources | map(attribute='schema') | unique -%}
            {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- endfor -%}
        {%- set register = by_engine(duckdb=register_view, spark=register_files) -%}
        {%- do register(sources | selectattr('name', 'equalto', 'load_manifest') | first) -%}
        {%- do register_landed_files() -%}
        {%- do check_landed_files() -%}
        {%- for source in sources if source.name != 'load_manifest' -%}
            {%- do register(source) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
