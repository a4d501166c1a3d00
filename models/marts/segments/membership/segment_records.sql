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

-- depends_on: {{ ref('stg_deletion_requests') }}

with

memberships as (

    select * from {{ ref('int_segment_memberships') }}

),

-- what the next run is held against
shop as (

    select
        count(*) as customer_count,
        coalesce(sum(case when order_count > 0 then 1 else 0 end), 0)::bigint
            as buyer_count
    from {{ ref('customers') }}
    where not is_test

),

{% if is_incremental() %}

records as (

    select * from {{ this }}

),

alive_runs as (

    select
        run_number,
        as_of_date
    from {{ alive_segment_runs('records') }}

),

last_run as (

    select
        max(run_number) as run_number,
        max_by(as_of_date, run_number) as as_of_date
    from alive_runs

),

alive_changes as (

    select
        records.segment,
        records.customer_id,
        records.change,
        records.as_of_date
    from records
    inner join alive_runs
        on records.run_number = alive_runs.run_number
    where records.change <> 'run'

),

members_before as (

    select
        segment,
        customer_id
    from alive_changes
    where as_of_date < {{ as_of_date() }}
    group by segment, customer_id
    having max_by(change, as_of_date) = 'entered'

),

members_recorded as (

    select
        segment,
        customer_id
    from alive_changes
    where as_of_date <= {{ as_of_date() }}
    group by segment, customer_id
    having max_by(change, as_of_date) = 'entered'

),

-- the same day again with the same members is nothing new
news as (

    select
        (
            select coalesce(max(as_of_date) = {{ as_of_date() }}, false)
            from last_run
        )
        and not exists (
            select 1
            from memberships
            full outer join members_recorded
                on
                    memberships.segment = members_recorded.segment
                    and memberships.customer_id = members_recorded.customer_id
            where
                memberships.customer_id is null
                or members_recorded.customer_id is null
        ) as is_repetition

),

{% else %}

last_run as (

    select
        0 as run_number,
        {{ as_of_date() }} as as_of_date

),

members_before as (

    select
        segment,
        customer_id
    from memberships
    where false

),

news as (

    select false as is_repetition

),

{% endif %}

changes as (

    select
        coalesce(memberships.segment, members_before.segment) as segment,
        coalesce(memberships.customer_id, members_before.customer_id) as customer_id,
        case
            when members_before.customer_id is null
                then 'entered'
            else 'left'
        end as change
    from memberships
    full outer join members_before
        on
            memberships.segment = members_before.segment
            and memberships.customer_id = members_before.customer_id
    where
        memberships.customer_id is null
        or members_before.customer_id is null

    union all

    -- the run itself, so that a day without changes is known too
    select
        null as segment,
        null as customer_id,
        'run' as change

),

versions as (

    select
        segment,
        version
    from {{ ref('int_segment_definitions') }}

),

numbered as (

    select
        (coalesce(last_run.run_number, 0) + 1)::bigint as run_number,
        {{ as_of_date() }} as as_of_date,
        changes.segment,
        changes.customer_id,
        changes.change,
        versions.version,
        case when changes.change = 'run' then shop.customer_count end as customer_count,
        case when changes.change = 'run' then shop.buyer_count end as buyer_count
    from changes
    cross join last_run
    cross join news
    cross join shop
    left join versions
        on changes.segment = versions.segment
    where not news.is_repetition

)

select * from numbered
