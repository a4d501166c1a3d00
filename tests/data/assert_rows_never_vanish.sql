-- rows in = kept + superseded + merged + not yet + quarantined + set aside, and each
-- of the quarantined is listed
with

row_fates as (

    select * from {{ ref('row_fates') }}

),

quarantined_rows as (

    select * from {{ ref('quarantined_rows') }}

),

listed as (

    select
        raw_table,
        count(*) as listed
    from quarantined_rows
    group by raw_table

),

compared as (

    select
        row_fates.rows_in,
        row_fates.quarantined,
        coalesce(row_fates.raw_table, listed.raw_table) as raw_table,
        row_fates.kept
        + row_fates.superseded
        + row_fates.merged
        + row_fates.not_yet
        + row_fates.quarantined
        + row_fates.set_aside as rows_accounted_for,
        coalesce(listed.listed, 0) as listed
    from row_fates
    full outer join listed
        on row_fates.raw_table = listed.raw_table

),

unequal as (

    select *
    from compared
    where
        rows_in is distinct from rows_accounted_for
        or quarantined is distinct from listed

)

select * from unequal
