-- without its row, or the column that counts its event, nobody would ever convert
{%- set events = (event_registry() if execute else {'': ''}) | list %}
with

wanted (conversion) as (

    values ({{ sql_text(var('conversion')) }})

),

conversions as (

    select * from {{ ref('conversions') }}

),

unknown as (

    select
        wanted.conversion,
        'no row of the seed conversions' as problem
    from wanted
    where
        not exists (
            select 1
            from conversions
            where conversions.conversion = wanted.conversion
        )

    union all

    select
        conversion,
        event || ' is no event that customer_days counts' as problem
    from conversions
    where event not in {{ sql_list(events) }}

)

select * from unknown
