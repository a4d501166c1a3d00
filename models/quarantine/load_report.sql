with

quarantined_rows as (

    select * from {{ ref('quarantined_rows') }}

),

fault_reasons as (

    select * from {{ ref('fault_reasons') }}

),

-- rows that tie read the same
ranked as (

    select
        raw_table,
        source_file,
        reason,
        coalesce('#' || source_row::string, '')
        || coalesce(' ' || column_name, '')
        || coalesce(': ' || masked_value, '') as example,
        row_number() over (
            partition by raw_table, source_file, reason
            order by
                source_row asc nulls last,
                column_name asc nulls last,
                masked_value asc nulls last
        ) as example_rank
    from quarantined_rows

),

counted as (

    select
        raw_table,
        source_file,
        reason,
        count(*) as row_count,
        max(case when example_rank = 1 then {{ trimmed('example') }} end) as example_1,
        max(case when example_rank = 2 then {{ trimmed('example') }} end) as example_2,
        max(case when example_rank = 3 then {{ trimmed('example') }} end) as example_3
    from ranked
    group by raw_table, source_file, reason

),

explained as (

    select
        counted.raw_table,
        counted.source_file,
        counted.reason,
        counted.row_count,
        fault_reasons.what_en,
        fault_reasons.what_ko,
        fault_reasons.remedy_en,
        fault_reasons.remedy_ko,
        counted.example_1,
        counted.example_2,
        counted.example_3
    from counted
    left join fault_reasons
        on counted.reason = fault_reasons.reason

)

select * from explained
