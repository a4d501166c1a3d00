{% macro register_landed_files() -%}
    {#- `landed_files` is what builds have read, `landed_faults` where that, the loader's
        notes and the folder disagree at the moment somebody asks. A table of the shop
        counts as a file of its own; files of its raw table may take its place. -#}
    {%- do run_query(
        'create table if not exists landing.landed_files (file string, source_file string, '
        ~ 'is_missing boolean)'
    ) -%}
    {%- set shop_tables = ["select null::string as file, null::string as relation"] -%}
    {%- for name, relation in var('raw_tables').items() -%}
        {%- do shop_tables.append(
            'select ' ~ sql_text(name) ~ ', ' ~ sql_text(relation)
        ) -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace view landing.landed_faults as with shop_tables as ('
        ~ shop_tables | join(' union all ') ~ '), noted as ('
        ~ "select raw_table || '/' || left(file_sha256, 16) || '.parquet' as file, "
        ~ 'source_file, coalesce(landed_bytes, -1) as bytes from landing.load_manifest '
        ~ "union all select 'load_rejects/' || left(file_sha256, 16) || '.parquet', "
        ~ 'source_file, coalesce(rejected_bytes, -1) from landing.load_manifest '
        ~ 'union all select file, relation, null from shop_tables), listed as ('
        ~ landed_files_query() ~ '), there as (select file, bytes from listed '
        ~ "where not file like 'load_manifest/%' union all "
        ~ 'select file, null from shop_tables union all '
        ~ 'select known.file, null from landing.landed_files as known '
        ~ "where not known.file like '%/%' "
        ~ 'and not exists (select 1 from shop_tables where shop_tables.file = known.file) '
        ~ "and exists (select 1 from listed where listed.file like known.file || '/%')) "
        ~ 'select coalesce(noted.file, there.file, known.file) as file, '
        ~ 'coalesce(noted.source_file, known.source_file) as source_file, case '
        ~ "when there.file is null and coalesce(known.is_missing, false) then 'given_up' "
        ~ "when there.file is null then 'gone' "
        ~ "when noted.file is null and there.file like '%/%' then 'unknown' "
        ~ "when noted.bytes <> there.bytes then 'changed' end as fault "
        ~ 'from noted full outer join there on noted.file = there.file '
        ~ 'full outer join landing.landed_files as known '
        ~ 'on known.file = coalesce(noted.file, there.file) '
        ~ 'where coalesce(noted.file, there.file, known.file) is not null'
    ) -%}
{%- endmacro %}
