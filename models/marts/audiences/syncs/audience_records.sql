{#- Who is erased leaves through a removal, which has no customer: what names them goes
    after it is recorded, and the removal once it has been shown for long enough. Before,
    a rewriting that was cut short is only finished. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook=[
            "{{ refuse_another_day() }}",
            "{{ forget_audience_members('nobody') }}",
        ],
        post_hook=[
            "{{ forget_erased_customers() }}",
            "{{ forget_audience_members('shown') }}",
        ],
    )
}}

{%- set records = this if is_incremental() else none %}
{%- set recording = {
    'key': ['audience', 'channel', 'audience_member_key'],
    'carried': ['customer_id', 'row_hash'],
    'words': ['added', 'updated', 'removed'],
    'retracts': true,
} %}

-- depends_on: {{ ref('stg_deletion_requests') }}

with

audience_rows as (

    select * from {{ ref('audience_rows') }}

),

changes as (

    select *
    from {{ recorded_run(records, 'audience_rows', recording) }}

),

listed as (

    select
        run_number,
        as_of_date,
        audience,
        channel,
        audience_member_key,
        customer_id,
        change,
        row_hash
    from changes

)

select * from listed
