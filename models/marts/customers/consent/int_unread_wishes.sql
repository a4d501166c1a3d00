{{ config(materialized='view') }}

with

load_rejects as (

    select * from {{ source('landing', 'load_rejects') }}

),

consents as (

    select * from {{ ref('stg_consents') }}

),

-- the first part of the key of a consent is the customer
unread as (

    select
        split_part(row_key, '|', 1) as customer_id,
        loaded_at
    from load_rejects
    where raw_table = 'consents' and row_key is not null

    union all

    select
        customer_id,
        loaded_at
    from consents
    where
        row_state = 'quarantined'
        and customer_id is not null
        and status is distinct from 'granted'

),

latest as (

    select
        customer_id,
        max(coalesce(loaded_at, timestamp '9999-12-31 00:00:00')) as loaded_at
    from unread
    group by customer_id

)

select * from latest
