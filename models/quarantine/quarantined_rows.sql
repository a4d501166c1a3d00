{%- set tables = judged_tables() -%}

with

load_rejects as (

    select *
    from {{ source('landing', 'load_rejects') }}
    where raw_table not in {{ sql_list(var('raw_tables').keys() | list or ['']) }}

),

erased_rows as (

    select * from {{ ref('stg_erased_rows') }}

),

deletion_requests as (

    select customer_id
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'
    group by customer_id

),

judged as (

    {%- for judged in tables %}
    {%- set raw_table = judged.identifier.removeprefix('stg_') %}

    select
        '{{ raw_table }}' as raw_table,
        {{ row_key(raw_table) }} as row_key,
        fault,
        source_file,
        source_row,
        loaded_at
    from {{ judged }}
    where row_state = 'quarantined'
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

explained as (

    select
        raw_table,
        row_key,
        split_part(fault, ':', 1) as column_name,
        split_part(fault, ':', 2) as reason,
        nullif({{ replace_all('fault', '^[^:]*:[^:]*:', '') }}, '') as masked_value,
        source_file,
        source_row,
        loaded_at
    from judged

    union all

    -- keys about people begin with the person; those of links are two people
    select
        load_rejects.raw_table,
        case
            when
                deletion_requests.customer_id is null
                and other_requests.customer_id is null
                then load_rejects.row_key
        end as row_key,
        load_rejects.column_name,
        load_rejects.reason,
        load_rejects.masked_value,
        load_rejects.source_file,
        load_rejects.source_row,
        load_rejects.loaded_at
    from load_rejects
    left join deletion_requests
        on split_part(load_rejects.row_key, '|', 1) = deletion_requests.customer_id
    left join deletion_requests as other_requests
        on
            split_part(load_rejects.row_key, '|', 2) = other_requests.customer_id
            and load_rejects.raw_table = 'identity_links'

    union all

    select
        raw_table,
        null as row_key,
        column_name,
        'erased' as reason,
        null as masked_value,
        source_file,
        source_row,
        loaded_at
    from erased_rows

)

select * from explained
