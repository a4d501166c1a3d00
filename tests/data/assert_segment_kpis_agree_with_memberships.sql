{{ config(group='warehouse') }}

-- what was recorded then is what memberships say now, but for people forgotten since
with

segment_kpis as (

    select
        segment,
        as_of_date,
        customer_count,
        entered,
        {{ adapter.quote("left") }} as left_count,
        followed_customer_count,
        followed_buyer_count + followed_prospect_count as followed_parts,
        followed_cancelled_count + followed_uncancelled_count as followed_others,
        active_customer_count,
        ordering_customer_count
    from {{ ref('segment_kpis') }}

),

segment_sizes as (

    select
        segment,
        as_of_date,
        customer_count,
        entered,
        {{ adapter.quote("left") }} as left_count
    from {{ ref('segment_sizes') }}

),

forgotten as (

    select count(*) as customer_count
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'

),

-- the figures of the newest day are as new as its members
allowances as (

    select
        segment_kpis.as_of_date,
        case
            when segment_kpis.as_of_date = {{ as_of_date() }} then 0
            else max(forgotten.customer_count)
        end as forgotten_count
    from segment_kpis
    cross join forgotten
    group by segment_kpis.as_of_date

),

unequal as (

    select segment_kpis.*
    from segment_kpis
    inner join allowances
        on segment_kpis.as_of_date = allowances.as_of_date
    left join segment_sizes
        on
            segment_kpis.segment = segment_sizes.segment
            and segment_kpis.as_of_date = segment_sizes.as_of_date
    where
        (segment_sizes.segment is null and segment_kpis.customer_count > 0)
        or segment_kpis.customer_count - segment_sizes.customer_count
        not between 0 and allowances.forgotten_count
        or segment_kpis.entered - segment_sizes.entered
        not between 0 and allowances.forgotten_count
        or segment_kpis.left_count - segment_sizes.left_count
        not between 0 and allowances.forgotten_count
        or segment_kpis.followed_customer_count <> segment_kpis.followed_parts
        or segment_kpis.followed_customer_count <> segment_kpis.followed_others
        or segment_kpis.active_customer_count > segment_kpis.customer_count
        or segment_kpis.ordering_customer_count > segment_kpis.active_customer_count

)

select * from unequal
