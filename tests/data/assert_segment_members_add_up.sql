-- members of a day = members of the day before + entered − left, of the days that have
-- data; the last are today's
with

sizes as (

    select
        segment,
        as_of_date,
        customer_count,
        entered,
        {{ adapter.quote("left") }} as left_count,
        coalesce(
            lag(customer_count) over (
                partition by segment
                order by as_of_date
            ),
            0
        ) as customer_count_before,
        lead(as_of_date) over (
            partition by segment
            order by as_of_date
        ) is null as is_last
    from {{ ref('segment_sizes') }}
    where customer_count is not null

),

segment_members as (

    select
        segment,
        count(*) as customer_count
    from {{ ref('segment_members') }}
    group by segment

),

segments as (

    select * from {{ ref('segments') }}

),

compared as (

    select
        sizes.as_of_date,
        sizes.customer_count,
        sizes.is_last,
        coalesce(sizes.segment, segments.segment) as segment,
        sizes.customer_count_before + sizes.entered - sizes.left_count
            as customer_count_due,
        coalesce(segment_members.customer_count, 0) as member_count,
        case
            when coalesce(segments.data_state, 'known') = 'known'
                then coalesce(segments.customer_count, 0)
        end as customer_count_stated
    from sizes
    full outer join segments
        on sizes.segment = segments.segment
    left join segment_members
        on coalesce(sizes.segment, segments.segment) = segment_members.segment

),

unequal as (

    select *
    from compared
    where
        customer_count is distinct from customer_count_due
        or (is_last and customer_count <> member_count)
        or (is_last and customer_count <> customer_count_stated)

)

select * from unequal
