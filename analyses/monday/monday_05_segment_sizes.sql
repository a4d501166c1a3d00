with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

weeks as (

    select
        segment_sizes.segment,
        max_by(segment_sizes.customer_count, segment_sizes.as_of_date)
            as customer_count,
        max_by(segment_sizes.customer_count, segment_sizes.as_of_date) filter (
            where segment_sizes.as_of_date <= as_of.as_of_date - 7
        ) as customer_count_week_before,
        sum(
            case
                when segment_sizes.as_of_date > as_of.as_of_date - 7
                    then segment_sizes.entered
                else 0
            end
        )::bigint as entered_count,
        sum(
            case
                when segment_sizes.as_of_date > as_of.as_of_date - 7
                    then segment_sizes."left"
                else 0
            end
        )::bigint as left_count
    from segment_sizes
    cross join as_of
    group by segment_sizes.segment

),

named as (

    select
        weeks.segment,
        segments.label_en,
        segments.label_ko,
        weeks.customer_count_week_before,
        weeks.entered_count,
        weeks.left_count,
        segments.missing_data,
        case when segments.missing_data is null then weeks.customer_count end
            as customer_count,
        case
            when segments.missing_data is null
                then weeks.customer_count - weeks.customer_count_week_before
        end as customer_count_change
    from weeks
    left join segments
        on weeks.segment = segments.segment

)

select * from named
order by abs(customer_count_change) desc nulls last, missing_data asc, segment asc
