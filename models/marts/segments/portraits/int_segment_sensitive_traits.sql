{{ config(materialized='view') }}

with

sensitive_traits (segment, trait, is_by_rule) as (

    values
    {{ sensitive_traits() }}

)

select * from sensitive_traits
