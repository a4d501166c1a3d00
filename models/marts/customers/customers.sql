with

facts as (

    select * from {{ ref('int_customer_facts') }}

),

data_sources as (

    select
        {{ source_flags(needed_sources('customers')) }}
    from {{ ref('data_sources') }}

),

-- what the shop never told is unknown, and no count of nothing
customers as (

    select
        {{ known_columns('customers') }}
    from facts
    cross join data_sources

)

select * from customers
