-- without its row no order could be converted, and all of them would be gone
with

wanted (currency) as (

    values ('{{ var("reporting_currency") }}')

),

currencies as (

    select * from {{ ref('currencies') }}

),

unknown as (

    select wanted.currency
    from wanted
    where
        not exists (
            select 1
            from currencies
            where currencies.currency = wanted.currency
        )

)

select * from unknown
