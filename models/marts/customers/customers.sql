{%- set needs = model_needs('customers') -%}

with

facts as (

    select * from {{ ref('int_customer_facts') }}

),

data_sources as (

    select
        {{ source_flags(needs.values() | sum(start=[])) }}
    from {{ ref('data_sources') }}

),

-- what the shop never told is unknown, and no count of nothing
customers as (

    select
        {{ known_columns(needs) }}
    from facts
    cross join data_sources

)

select * from customers
