{#- Staging models are named, not found, so that dbt knows what this waits for. -#}
{%- set judged_tables = [
    ref('stg_customers'),
    ref('stg_orders'),
    ref('stg_order_items'),
    ref('stg_refunds'),
    ref('stg_products'),
    ref('stg_product_prices'),
    ref('stg_events'),
    ref('stg_consents'),
    ref('stg_suppressions'),
    ref('stg_deletion_requests'),
    ref('stg_campaigns'),
    ref('stg_campaign_messages'),
    ref('stg_exchange_rates'),
] -%}

with

load_rejects as (

    select * from {{ source('landing', 'load_rejects') }}

),

judged as (

    {%- for judged in judged_tables %}
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

-- what was forgotten leaves no trace but its place in the file
explained as (

    select
        raw_table,
        case
            when split_part(fault, ':', 2) <> 'erased'
                then row_key
        end as row_key,
        split_part(fault, ':', 1) as column_name,
        split_part(fault, ':', 2) as reason,
        case
            when split_part(fault, ':', 2) <> 'erased'
                then nullif(regexp_replace(fault, '^[^:]*:[^:]*:', ''), '')
        end as masked_value,
        source_file,
        source_row,
        loaded_at
    from judged

    union all

    select
        raw_table,
        row_key,
        column_name,
        reason,
        masked_value,
        source_file,
        source_row,
        loaded_at
    from load_rejects

)

select * from explained
