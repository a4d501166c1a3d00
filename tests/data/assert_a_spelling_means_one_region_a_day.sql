-- a spelling that meant two regions at once would make a customer twice
with

region_aliases as (

    select
        alias,
        region,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('region_aliases') }}

),

overlapping as (

    select
        region_aliases.alias,
        region_aliases.region,
        later_aliases.region as other_region
    from region_aliases
    inner join region_aliases as later_aliases
        on
            region_aliases.alias = later_aliases.alias
            and region_aliases.valid_from < later_aliases.valid_from
            and region_aliases.valid_to > later_aliases.valid_from

),

-- an alias is written in the form that it is looked up by
misspelt as (

    select
        alias,
        region,
        null as other_region
    from region_aliases
    where alias <> {{ region_spelling('alias') }} or valid_from >= valid_to

),

wrong as (

    select * from overlapping

    union all

    select * from misspelt

)

select * from wrong
