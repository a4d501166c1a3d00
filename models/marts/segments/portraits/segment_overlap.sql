with

segment_members as (

    select *
    from {{ ref('segment_members') }}
    where not is_stale

),

candidates as (

    select count(*) as candidate_count
    from {{ ref('customers') }}
    where is_segment_candidate

),

sizes as (

    select
        segment,
        count(*) as customer_count,
        row_number() over (order by segment) as segment_number
    from segment_members
    group by segment

),

people as (

    select
        customer_id,
        row_number() over (order by customer_id) as customer_number
    from segment_members
    group by customer_id

),

-- pairs of numbers are counted at half the cost of pairs of names
numbered as (

    select
        sizes.segment_number::int as segment_number,
        people.customer_number::int as customer_number
    from segment_members
    inner join sizes
        on segment_members.segment = sizes.segment
    inner join people
        on segment_members.customer_id = people.customer_id

),

shared as (

    select
        firsts.segment_number as number_a,
        seconds.segment_number as number_b,
        count(*) as shared_count
    from numbered as firsts
    inner join numbered as seconds
        on
            firsts.customer_number = seconds.customer_number
            and firsts.segment_number < seconds.segment_number
    group by firsts.segment_number, seconds.segment_number

),

-- two segments without a common member are a pair too
pairs as (

    select
        firsts.segment as segment_a,
        seconds.segment as segment_b,
        firsts.customer_count as size_a,
        seconds.customer_count as size_b,
        candidates.candidate_count,
        coalesce(shared.shared_count, 0) as shared_count
    from sizes as firsts
    inner join sizes as seconds
        on firsts.segment_number < seconds.segment_number
    cross join candidates
    left join shared
        on
            firsts.segment_number = shared.number_a
            and seconds.segment_number = shared.number_b

),

-- with both sizes known, one of the four groups gives away the others
judged as (

    select
        *,
        (
            {{ is_small_group('shared_count') }}
            or {{ is_small_group('size_a - shared_count') }}
            or {{ is_small_group('size_b - shared_count') }}
            or {{ is_small_group('candidate_count - size_a - size_b + shared_count') }}
        ) as is_suppressed
    from pairs

),

shown as (

    select
        segment_a,
        segment_b,
        size_a,
        size_b,
        candidate_count,
        is_suppressed,
        case when not is_suppressed then shared_count end as shared_count
    from judged

),

segment_overlap as (

    select
        segment_a,
        segment_b,
        is_suppressed,
        size_a::bigint as size_a,
        size_b::bigint as size_b,
        shared_count::bigint as shared_count,
        shared_count::double / (size_a + size_b - shared_count) as jaccard,
        shared_count::double / size_a as share_of_a,
        shared_count::double / size_b as share_of_b,
        (shared_count::double * candidate_count) / (size_a::double * size_b) as lift
    from shown

)

select * from segment_overlap
