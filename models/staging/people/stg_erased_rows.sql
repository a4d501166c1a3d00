{#- By which columns the rows of a raw table are about somebody. -#}
{%- set columns_of_people = {
    'customers': ['customer_id'],
    'customer_attributes': ['customer_id'],
    'events': ['customer_id'],
    'consents': ['customer_id'],
    'campaign_messages': ['customer_id'],
    'identity_links': ['from_id', 'to_id'],
    'blocked_ids': ['id'],
} -%}

with

deletion_requests as (

    select customer_id
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'
    group by customer_id

),

raw_rows as (

    {%- for raw_table, columns in columns_of_people.items() %}

    select
        '{{ raw_table }}' as raw_table,
        '{{ columns | first }}' as column_name,
        source_file,
        source_row,
        loaded_at,
        {{ trimmed(columns | first) }} as person,
        {{ trimmed(columns[1]) if columns | length > 1 else 'null' }}
            as other_person
    from {{ source('raw', raw_table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- where the row lies, and nothing of whom it is about
erased as (

    select
        raw_rows.raw_table,
        raw_rows.column_name,
        raw_rows.source_file,
        raw_rows.source_row,
        raw_rows.loaded_at
    from raw_rows
    left join deletion_requests
        on raw_rows.person = deletion_requests.customer_id
    left join deletion_requests as other_requests
        on raw_rows.other_person = other_requests.customer_id
    where
        deletion_requests.customer_id is not null
        or other_requests.customer_id is not null

)

select * from erased
