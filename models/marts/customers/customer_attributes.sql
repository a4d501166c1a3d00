-- depends_on: {{ source('segment_rules', 'language') }}

with

customers as (

    select *
    from {{ ref('stg_customers') }}
    where row_state = 'kept'

),

customer_attributes as (

    select *
    from {{ ref('stg_customer_attributes') }}
    where row_state = 'kept'

),

known_customers as (

    select *
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

listed as (

    select
        customer_id,
        'interest' as attribute,
        'declared' as source,
        version_at as declared_at,
        {{ split_rows('interests', '|') }} as value
    from customers

    union all

    select
        customer_id,
        attribute,
        source,
        declared_at,
        {{ split_rows('value', '|') }} as value
    from customer_attributes

),

trimmed as (

    select
        customer_id,
        attribute,
        source,
        declared_at,
        nullif({{ trimmed('value') }}, '') as value
    from listed

),

-- what customers say themselves stands before what is inferred about them
latest as (

    select *
    from trimmed
    where value is not null
    qualify row_number() over (
        partition by customer_id, attribute, value
        order by source asc, declared_at desc
    ) = 1

),

marked as (

    select
        latest.customer_id,
        latest.attribute,
        latest.value,
        latest.source,
        latest.declared_at,
        latest.attribute in {{ sql_list(protected_attributes()) }} as is_protected
    from latest
    inner join known_customers
        on latest.customer_id = known_customers.customer_id

)

select * from marked
