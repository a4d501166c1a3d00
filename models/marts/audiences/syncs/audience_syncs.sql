{{ config(materialized='view', post_hook="{{ show_channels() }}") }}

-- depends_on: {{ ref('int_audience_syncs') }}, {{ ref('channels') }}

with

shown as (

    select * from {{ shown_audiences() }}

),

listed as (

    select
        audience_member_key,
        audience,
        channel,
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
    from shown

)

select * from listed
