with

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
        loaded_at
    from {{ source('landing', 'load_manifest') }}

)

select * from files
