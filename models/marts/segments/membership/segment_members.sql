with

definitions as (

    select
        segment,
        data_state = 'no_data' as is_stale
    from {{ ref('int_segment_definitions') }}

),

spells as (

    select *
    from {{ ref('segment_membership_spells') }}
    where valid_to is null

),

-- who is found on the first day that is known of a segment may have been in it for long
entries as (

    select
        segment,
        as_of_date,
        known_before_on
    from {{ ref('int_segment_days') }}
    where known_before_on is not null

),

members as (

    select
        spells.segment,
        spells.customer_id,
        entries.as_of_date as entered_on,
        (entries.known_before_on + 1)::date as not_before,
        coalesce(definitions.is_stale, false) as is_stale
    from spells
    left join definitions
        on spells.segment = definitions.segment
    left join entries
        on
            spells.segment = entries.segment
            and spells.valid_from = entries.as_of_date

)

select * from members
