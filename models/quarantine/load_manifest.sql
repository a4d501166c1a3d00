with

notes as (

    select * from {{ source('landing', 'load_manifest') }}

),

-- what is gone on purpose is no longer counted
given_up as (

    select file
    from {{ source('landing', 'landed_files') }}
    where is_missing

),

files as (

    select
        raw_table,
        source_file,
        file_sha256,
        file_bytes,
        file_format,
        mapping_sha256,
        rows_in,
        rows_set_aside,
        rows_landed,
        rows_rejected,
        loaded_at,
        landed_bytes,
        rejected_bytes,
        -- nothing was merged before there was such a thing
        coalesce(rows_merged, 0) as rows_merged
    from notes
    where
        not exists (
            select 1
            from given_up
            where
                given_up.file
                = notes.raw_table
                || '/' || left(notes.file_sha256, 16) || '.parquet'
        )

)

select * from files
