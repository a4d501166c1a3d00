{% macro landing_folder() -%}
    {#- Spark takes a relative path for one of its own warehouse, not of the project. -#}
    {%- set folder = var('landing_dir') -%}
    {%- if by_engine(duckdb=true, spark=false) or modules.re.match('/|[a-z0-9]+:/', folder) -%}
        {{ return(folder) }}
    {%- endif -%}
    {{ return(run_query(
        "select java_method('java.lang.System', 'getProperty', 'user.dir')"
    ).rows[0][0] ~ '/' ~ folder) }}
{%- endmacro %}
