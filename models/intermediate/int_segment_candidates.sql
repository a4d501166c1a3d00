{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('customers') }}

),

-- children are never addressed, test accounts are no customers
candidates as (

    select *
    from customers
    where not is_test and age_band <> 'under_14'

)

select * from candidates
