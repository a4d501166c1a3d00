{% macro check_raw_tables() -%}
    {%- set known = graph.sources.values() | selectattr('source_name', 'equalto', 'raw')
        | map(attribute='name') | list -%}
    {%- for name in var('raw_tables') -%}
        {%- if name not in known -%}
            {{ exceptions.raise_compiler_error(
                'Variable raw_tables: unknown raw table ' ~ name ~ '; '
                ~ nearest_names(name, known).en
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {#- Spark cannot see a file whose name begins with a dot. -#}
    {%- set mark = sql_text(var('landing_dir') ~ '/.sample') -%}
    {%- if var('raw_tables')
        and run_query(by_engine(
            duckdb='select count(*) from glob(' ~ mark ~ ')', spark='select 0'
        )).rows[0][0] > 0 -%}
        {{ exceptions.raise_compiler_error(
            'Variable raw_tables: the landing folder holds the sample of the demo, whose '
            ~ 'people would mix with yours. Part with it: rm -rf ' ~ var('landing_dir')
        ) }}
    {%- endif -%}
{%- endmacro %}
