{%- set segments = resolved_segments() | map(attribute='name') | list -%}

with

definitions as (

    select segment
    from {{ ref('int_segment_definitions') }}
    where data_state = 'known'

),

met as (

    select
        segment,
        customer_id
    from {{ ref('int_segment_flags') }}
    unpivot (
        is_member for segment in ({{ segments | join(', ') }})
    )
    where is_member

),

memberships as (

    select
        met.segment,
        met.customer_id
    from met
    inner join definitions
        on met.segment = definitions.segment

)

select * from memberships
