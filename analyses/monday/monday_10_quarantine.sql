with

newest as (

    select max(loaded_at) as loaded_at
    from load_manifest

),

texts as (

    select
        reason,
        max(what_en) as what_en,
        max(what_ko) as what_ko
    from load_report
    group by reason

),

counted as (

    select
        quarantined_rows.raw_table,
        quarantined_rows.reason,
        count(*) as row_count
    from quarantined_rows
    cross join newest
    where
        quarantined_rows.loaded_at is null
        or quarantined_rows.loaded_at > newest.loaded_at - interval 7 day
    group by quarantined_rows.raw_table, quarantined_rows.reason

),

explained as (

    select
        counted.raw_table,
        counted.reason,
        counted.row_count,
        texts.what_en,
        texts.what_ko
    from counted
    inner join texts
        on counted.reason = texts.reason

)

select * from explained
order by row_count desc, raw_table asc, reason asc
