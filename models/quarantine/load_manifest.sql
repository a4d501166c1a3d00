with

files as (

    select * from {{ source('landing', 'load_manifest') }}

)

select * from files
