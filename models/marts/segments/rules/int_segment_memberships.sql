{%- set segments = resolved_segments() | map(attribute='name') | list -%}

with

memberships as (

    select
        segment,
        customer_id
    from {{ ref('int_segment_flags') }}
    unpivot (
        is_member for segment in ({{ segments | join(', ') }})
    )
    where is_member

)

select * from memberships
