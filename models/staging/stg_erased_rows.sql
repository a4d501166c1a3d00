{%- set tables_of_people = [
    'customers',
    'events',
    'consents',
    'campaign_messages',
] -%}

with

deletion_requests as (

    select customer_id
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'
    group by customer_id

),

raw_rows as (

    {%- for raw_table in tables_of_people %}

    select
        '{{ raw_table }}' as raw_table,
        source_file,
        source_row,
        loaded_at,
        trim(customer_id) as customer_id
    from {{ source('raw', raw_table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- where the row lies, and nothing of whom it is about
erased as (

    select
        raw_rows.raw_table,
        raw_rows.source_file,
        raw_rows.source_row,
        raw_rows.loaded_at
    from raw_rows
    inner join deletion_requests
        on raw_rows.customer_id = deletion_requests.customer_id

)

select * from erased
