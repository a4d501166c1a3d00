{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook=[
            "{{ refuse_another_day() }}",
            "{{ refuse_misplaced_day() }}",
            "{{ refuse_shrinking() }}",
            "{{ tell_restated() }}",
            "{{ forget_erased_customers() }}",
        ],
    )
}}

{%- set records = this if is_incremental() else none %}
{%- set run = 'past_run' if var('backfill') == 'past' else 'run' %}
{%- set recording = {
    'key': ['segment', 'customer_id'],
    'words': ['entered', none, 'left'],
    'silent': 'unknown_segments',
    'run': run,
} %}

-- depends_on: {{ ref('stg_deletion_requests') }}

with

memberships as (

    select * from {{ ref('int_segment_memberships') }}

),

definitions as (

    select
        segment,
        version,
        data_state
    from {{ ref('int_segment_definitions') }}

),

-- nobody can say who is in these: none entered, none left
unknown_segments as (

    select segment
    from definitions
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

    select * from {{ recorded_run(records, 'memberships', recording) }}

),

{%- if records and var('backfill') == 'past' %}

-- who moved on this day, and not by the day recorded after it, moves back there, unless
-- that day says so already
next_run as (

    select
        min(as_of_date) as as_of_date,
        min_by(run_number, as_of_date) as run_number
    from {{ alive_runs(records) }} as runs
    where as_of_date > {{ as_of_date() }}

),

next_members as (

    select
        records.segment,
        records.customer_id,
        max_by(records.change, records.as_of_date) = 'entered' as is_member,
        max(records.as_of_date) as told_on
    from {{ records }} as records
    inner join {{ alive_runs(records) }} as runs
        on records.run_number = runs.run_number
    inner join next_run
        on records.as_of_date <= next_run.as_of_date
    where records.customer_id is not null
    group by records.segment, records.customer_id

),

moved_back as (

    select
        next_run.run_number,
        next_run.as_of_date,
        changed.segment,
        changed.customer_id,
        case when changed.change = 'entered' then 'left' else 'entered' end as change
    from changed
    inner join next_run
        on next_run.run_number is not null
    left join next_members
        on
            changed.segment = next_members.segment
            and changed.customer_id = next_members.customer_id
    where
        changed.customer_id is not null
        and (changed.change = 'entered') <> coalesce(next_members.is_member, false)
        and coalesce(next_members.told_on < next_run.as_of_date, true)

),
{%- endif %}

changes as (

    select * from changed

    union all

    select
        changed.run_number,
        changed.as_of_date,
        definitions.segment,
        null as customer_id,
        definitions.data_state as change
    from changed
    cross join definitions
    where changed.change = '{{ run }}'
    {%- if records and var('backfill') == 'past' %}

    union all

    select * from moved_back
    {%- endif %}

),

described as (

    select
        changes.run_number,
        changes.as_of_date,
        changes.segment,
        changes.customer_id,
        changes.change,
        definitions.version,
        case when changes.change = '{{ run }}' then shop.customer_count end
            as customer_count,
        case when changes.change = '{{ run }}' then shop.buyer_count::bigint end
            as buyer_count
    from changes
    cross join shop
    left join definitions
        on changes.segment = definitions.segment

)

select * from described
