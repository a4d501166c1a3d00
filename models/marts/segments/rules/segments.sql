with

definitions as (

    select * from {{ ref('int_segment_definitions') }}

),

sizes as (

    select
        segment,
        count(*) as customer_count
    from {{ ref('segment_members') }}
    group by segment

),

segments as (

    select
        definitions.*,
        coalesce(sizes.customer_count, 0)::bigint as customer_count
    from definitions
    left join sizes
        on definitions.segment = sizes.segment

)

select * from segments
