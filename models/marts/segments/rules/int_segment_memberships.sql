{%- set segments = resolved_segments() | map(attribute='name') | list -%}

with

definitions as (

    select segment
    from {{ ref('int_segment_definitions') }}
    where data_state = 'known'

),

memberships as (

    select
        flags.segment,
        flags.customer_id
    from (
        select
            customer_id,
            segment
        from {{ ref('int_segment_flags') }}
        unpivot (
            is_member for segment in ({{ segments | join(', ') }})
        )
        where is_member
    ) as flags
    inner join definitions
        on flags.segment = definitions.segment

)

select * from memberships
