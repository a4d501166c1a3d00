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

-- depends_on: {{ ref('stg_deletion_requests') }}

with

audience_rows as (

    select * from {{ ref('audience_rows') }}

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
        records.audience,
        records.channel,
        records.audience_member_key,
        records.change,
        records.as_of_date,
        coalesce(records.row_hash, '') as row_hash
    from records
    inner join alive_runs
        on records.run_number = alive_runs.run_number
    where records.change <> 'run'

),

known_before as (

    select
        audience,
        channel,
        audience_member_key,
        max_by(change, as_of_date) as change,
        max_by(row_hash, as_of_date) as row_hash
    from alive_changes
    where as_of_date < {{ as_of_date() }}
    group by audience, channel, audience_member_key

),

members_before as (

    select *
    from known_before
    where change <> 'removed'

),

-- a run that this one restates was read by others: whom it alone added has to go again
restated as (

    select
        audience,
        channel,
        audience_member_key
    from records
    where
        change <> 'run'
        and as_of_date >= {{ as_of_date() }}
        and not exists (
            select 1
            from known_before
            where
                known_before.audience = records.audience
                and known_before.channel = records.channel
                and known_before.audience_member_key = records.audience_member_key
        )
    group by audience, channel, audience_member_key

),

members_recorded as (

    select
        audience,
        channel,
        audience_member_key,
        max_by(row_hash, as_of_date) as row_hash
    from alive_changes
    where as_of_date <= {{ as_of_date() }}
    group by audience, channel, audience_member_key
    having max_by(change, as_of_date) <> 'removed'

),

-- the same day again with the same rows is nothing new
news as (

    select
        (
            select coalesce(max(as_of_date) = {{ as_of_date() }}, false)
            from last_run
        )
        and not exists (
            select 1
            from audience_rows
            full outer join members_recorded
                on
                    audience_rows.audience = members_recorded.audience
                    and audience_rows.channel = members_recorded.channel
                    and audience_rows.audience_member_key
                    = members_recorded.audience_member_key
            where audience_rows.row_hash is distinct from members_recorded.row_hash
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
        audience,
        channel,
        audience_member_key,
        row_hash
    from audience_rows
    where false

),

restated as (

    select
        audience,
        channel,
        audience_member_key
    from audience_rows
    where false

),

news as (

    select false as is_repetition

),

{% endif %}

changes as (

    select
        coalesce(audience_rows.audience, members_before.audience) as audience,
        coalesce(audience_rows.channel, members_before.channel) as channel,
        coalesce(
            audience_rows.audience_member_key, members_before.audience_member_key
        ) as audience_member_key,
        audience_rows.customer_id,
        case
            when members_before.audience_member_key is null
                then 'added'
            when audience_rows.audience_member_key is null
                then 'removed'
            else 'updated'
        end as change,
        audience_rows.row_hash
    from audience_rows
    full outer join members_before
        on
            audience_rows.audience = members_before.audience
            and audience_rows.channel = members_before.channel
            and audience_rows.audience_member_key
            = members_before.audience_member_key
    where audience_rows.row_hash is distinct from members_before.row_hash

    union all

    select
        audience,
        channel,
        audience_member_key,
        null as customer_id,
        'removed' as change,
        null as row_hash
    from restated
    where
        not exists (
            select 1
            from audience_rows
            where
                audience_rows.audience = restated.audience
                and audience_rows.channel = restated.channel
                and audience_rows.audience_member_key
                = restated.audience_member_key
        )

    union all

    -- the run itself, so that a day without changes is known too
    select
        null as audience,
        null as channel,
        null as audience_member_key,
        null as customer_id,
        'run' as change,
        null as row_hash

),

numbered as (

    select
        (coalesce(last_run.run_number, 0) + 1)::bigint as run_number,
        {{ as_of_date() }} as as_of_date,
        changes.audience,
        changes.channel,
        changes.audience_member_key,
        changes.customer_id,
        changes.change,
        changes.row_hash
    from changes
    cross join last_run
    cross join news
    where not news.is_repetition

)

select * from numbered
