{{ config(materialized='view') }}

with

members as (

    select * from {{ ref('audience_members') }}

),

-- what travels is hashed: when it changes, the row is sent again
keyed as (

    select
        audience,
        channel,
        customer_id,
        identifier,
        destination_identifier,
        message_class,
        campaign_id,
        arm,
        variables,
        {{ sha256_hex("audience || '|' || customer_id") }} as audience_member_key,
        {{ sha256_hex(
            "audience || '|' || channel || '|' || customer_id || '|' || identifier"
            ~ " || '|' || message_class || '|' || campaign_id"
            ~ " || '|' || destination_identifier || '|' || coalesce(arm, '')"
            ~ " || '|' || coalesce(variables, '')"
        ) }} as row_hash
    from members

)

select * from keyed
