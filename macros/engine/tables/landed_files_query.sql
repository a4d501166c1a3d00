{% macro landed_files_query() -%}
    {#- Spark lists a folder through a table over it, and one that is not there is empty. -#}
    {%- set folder = landing_folder() -%}
    {%- if by_engine(duckdb=false, spark=true) -%}
        {%- do run_query('drop table if exists landing.folder') -%}
        {%- do run_query(
            'create table landing.folder using binaryFile'
            ~ " options (recursiveFileLookup 'true', pathGlobFilter '*.parquet') location "
            ~ sql_text(folder)
        ) -%}
        {{ return("select regexp_extract(path, '[^/]+/[^/]+$', 0) as file, length as bytes "
            ~ 'from landing.folder') }}
    {%- endif -%}
    {%- set pattern = sql_text(folder ~ '/*/*.parquet') -%}
    {%- if run_query('select count(*) from glob(' ~ pattern ~ ')').rows[0][0] == 0 -%}
        {{ return('select null::string as file, null::bigint as bytes where false') }}
    {%- endif -%}
    {{ return("select parse_path(filename)[-2] || '/' || parse_filename(filename) as file, "
        ~ 'size::bigint as bytes from read_blob(' ~ pattern ~ ')') }}
{%- endmacro %}
