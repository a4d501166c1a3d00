{{ config(pre_hook="{{ refuse_lost_sources() }}") }}

{%- set tables = judged_tables() -%}

with

-- a table counts as its rows, a column as those that say something there
counted as (

    {%- for judged in tables %}
    {%- set source = told_columns(judged) %}

    select
        '{{ source.raw_table }}' as raw_table,
        nullif(column_name, 'all_rows') as column_name,
        row_count,
        {{ source.days[0] }} as first_on,
        {{ source.days[1] }} as last_on
    from (
        select
            {%- for column in source.columns %}
            count(case when {{ column.told }} then 1 end) as {{ column.name }},
            min(case when {{ column.told }} then {{ source.time }} end)
                as {{ column.name }}_first,
            max(case when {{ column.told }} then {{ source.time }} end)
                as {{ column.name }}_last,
            {%- endfor %}
            count(*) as kept_count
        from {{ judged }} as judged
        where judged.row_state = 'kept'
    )
    unpivot include nulls (
        (row_count, first_at, last_at) for column_name in (
            {%- for column in source.columns %}
            {%- set name = column.name %}
            ({{ name }}, {{ name }}_first, {{ name }}_last) as {{ name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

data_sources as (

    select
        raw_table,
        column_name,
        first_on,
        last_on,
        row_count::bigint as row_count,
        raw_table || coalesce('.' || column_name, '') as source,
        row_count > 0 as is_present
    from counted

)

select * from data_sources
