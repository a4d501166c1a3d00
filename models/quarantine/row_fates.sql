{%- set tables = judged_tables() -%}

with

load_manifest as (

    select
        raw_table,
        sum(rows_in) as rows_in,
        sum(rows_set_aside) as rows_set_aside,
        sum(rows_merged) as rows_merged,
        sum(rows_rejected) as rows_rejected
    from {{ ref('load_manifest') }}
    where raw_table not in {{ sql_list(var('raw_tables').keys() | list or ['']) }}
    group by raw_table

),

judged as (

    {%- for judged in tables %}

    select
        '{{ judged.identifier.removeprefix("stg_") }}' as raw_table,
        row_state,
        count(*) as row_count
    from {{ judged }}
    group by row_state

    union all
    {%- endfor %}

    select
        raw_table,
        'quarantined' as row_state,
        count(*) as row_count
    from {{ ref('stg_erased_rows') }}
    group by raw_table

),

-- a table of the database that stands in has no manifest: it is counted as it is
shop_tables (raw_table, row_count) as (

    select
        null,
        null
    where false

    {%- for judged in tables %}
    {%- set raw_table = judged.identifier.removeprefix('stg_') %}
    {%- if raw_table in var('raw_tables') %}

    union all

    select
        '{{ raw_table }}',
        count(*)
    from {{ var('raw_tables')[raw_table] }}
    {%- endif %}
    {%- endfor %}

),

raw_tables (raw_table) as (

    values
    {%- for judged in tables %}
    ('{{ judged.identifier.removeprefix("stg_") }}'){{ ',' if not loop.last }}
    {%- endfor %}

),

states as (

    select
        raw_table,
        sum(case when row_state = 'kept' then row_count else 0 end) as kept,
        sum(case when row_state = 'superseded' then row_count else 0 end) as superseded,
        sum(case when row_state = 'not_yet' then row_count else 0 end) as not_yet,
        sum(case when row_state = 'quarantined' then row_count else 0 end)
            as quarantined
    from judged
    group by raw_table

),

fates as (

    select
        raw_tables.raw_table,
        coalesce(shop_tables.row_count, load_manifest.rows_in, 0)::bigint as rows_in,
        coalesce(states.kept, 0)::bigint as kept,
        coalesce(states.superseded, 0)::bigint as superseded,
        coalesce(load_manifest.rows_merged, 0)::bigint as merged,
        coalesce(states.not_yet, 0)::bigint as not_yet,
        (
            coalesce(states.quarantined, 0) + coalesce(load_manifest.rows_rejected, 0)
        )::bigint as quarantined,
        coalesce(load_manifest.rows_set_aside, 0)::bigint as set_aside
    from raw_tables
    left join states
        on raw_tables.raw_table = states.raw_table
    left join load_manifest
        on raw_tables.raw_table = load_manifest.raw_table
    left join shop_tables
        on raw_tables.raw_table = shop_tables.raw_table

)

select * from fates
