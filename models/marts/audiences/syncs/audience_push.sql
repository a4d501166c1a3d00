{{ config(materialized='view') }}

-- depends_on: {{ ref('audience_syncs') }}

with

rows_of_channel as (

    select *
    from {{ shown_audiences() }}
    where channel = 'push'

),

listed as (

    select
        audience_member_key,
        audience,
        customer_id,
        identifier,
        destination_identifier,
        message_class,
        campaign_id,
        arm,
        variables,
        row_hash,
        first_added_at,
        changed_at,
        change_type,
        change_type = 'removed' as is_removed
    from rows_of_channel

)

select * from listed
