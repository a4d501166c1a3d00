{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook=[
            "{{ refuse_another_day() }}",
            "{{ refuse_shrinking() }}",
            "{{ tell_restated() }}",
            "{{ forget_erased_customers() }}",
        ],
    )
}}

{%- set records = this if is_incremental() else none %}
{%- set recording = {
    'key': ['segment', 'customer_id'],
    'words': ['entered', none, 'left'],
    'silent': 'unknown_segments',
} %}

-- depends_on: {{ ref('stg_deletion_requests') }}

with

memberships as (

    select * from {{ ref('int_segment_memberships') }}

),

versions as (

    select
        segment,
        version
    from {{ ref('int_segment_definitions') }}

),

-- nobody can say who is in these: none entered, none left
unknown_segments as (

    select segment
    from {{ ref('int_segment_definitions') }}
    where data_state = 'no_data'

),

-- what the next run is held against
shop as (

    select
        count(*) as customer_count,
        count_if(order_count > 0) as buyer_count
    from {{ ref('customers') }}
    where not is_test

),

changed as (

    select
        run_number,
        as_of_date,
        segment,
        customer_id,
        change
    from {{ recorded_run(records, 'memberships', recording) }}

),

changes as (

    select * from changed

    union all

    select
        changed.run_number,
        changed.as_of_date,
        unknown_segments.segment,
        null as customer_id,
        'no_data' as change
    from changed
    cross join unknown_segments
    where changed.change = 'run'

),

described as (

    select
        changes.run_number,
        changes.as_of_date,
        changes.segment,
        changes.customer_id,
        changes.change,
        versions.version,
        case when changes.change = 'run' then shop.customer_count end as customer_count,
        case when changes.change = 'run' then shop.buyer_count::bigint end
            as buyer_count
    from changes
    cross join shop
    left join versions
        on changes.segment = versions.segment

)

select * from described
