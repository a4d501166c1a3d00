{% macro refuse_lost_sources() -%}
    {#- Rows after the as-of day are there: an earlier day may be built again. -#}
    {%- set before = known_relation(target.schema, 'data_sources')
        if changes_tables() and var('accept_missing') != 2 -%}
    {%- if before -%}
        {%- set lost = [] -%}
        {%- for source in run_query(
            'select raw_table, row_count from ' ~ before
            ~ ' where column_name is null and is_present order by raw_table'
        ).rows -%}
            {%- set judged = ref('stg_' ~ source.raw_table) -%}
            {%- if not run_query('select 1 from ' ~ judged ~ ' limit 1').rows -%}
                {%- do lost.append(source.raw_table ~ ' (' ~ source.row_count ~ ' rows)') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if lost -%}
            {{ exceptions.raise_compiler_error(
                'A source had rows and is gone: ' ~ lost | join(', ') ~ '. What needs it '
                ~ 'would be unknown from now on. Nothing was recorded. Load its files again, '
                ~ "or say twice that it is gone on purpose: --vars '{accept_missing: 2}', or "
                ~ '--accept-missing --accept-missing with make daily.'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
