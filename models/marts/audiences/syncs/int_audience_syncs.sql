{{ config(materialized='view', post_hook="{{ prepare_shown_audiences() }}") }}

with

audience_rows as (

    select * from {{ ref('audience_rows') }}

),

records as (

    select * from {{ ref('audience_records') }}

),

alive_runs as (

    select * from {{ alive_runs('records') }}

),

audiences as (

    select * from {{ ref('audiences') }}

),

customers as (

    select * from {{ ref('customers') }}

),

last_day as (

    select max(as_of_date) as recorded_on
    from alive_runs

),

-- runs that were restated were read by others all the same
histories as (

    select
        records.audience,
        records.channel,
        records.audience_member_key,
        max(records.customer_id) as customer_id,
        max(records.run_number) as last_run_number,
        max(
            case
                when records.change = 'added'
                    then alive_runs.as_of_date
            end
        ) as added_on,
        max(alive_runs.as_of_date) as changed_on
    from records
    left join alive_runs
        on records.run_number = alive_runs.run_number
    where records.change <> 'run'
    group by records.audience, records.channel, records.audience_member_key

),

present as (

    select
        audience_rows.audience,
        audience_rows.channel,
        audience_rows.audience_member_key,
        audience_rows.customer_id,
        audience_rows.identifier,
        audience_rows.destination_identifier,
        audience_rows.message_class,
        audience_rows.campaign_id,
        audience_rows.arm,
        audience_rows.variables,
        audience_rows.row_hash,
        histories.added_on as first_added_at,
        histories.changed_on as changed_at,
        case
            when histories.added_on = last_day.recorded_on
                then 'added'
            when histories.changed_on = last_day.recorded_on
                then 'updated'
            else 'unchanged'
        end as change_type
    from audience_rows
    inner join histories
        on
            audience_rows.audience = histories.audience
            and audience_rows.channel = histories.channel
            and audience_rows.audience_member_key = histories.audience_member_key
    cross join last_day

),

-- the first run in force that no longer found them
gone as (

    select
        histories.audience,
        histories.channel,
        histories.audience_member_key,
        histories.customer_id,
        histories.added_on,
        min(alive_runs.as_of_date) as gone_on
    from histories
    inner join alive_runs
        on histories.last_run_number <= alive_runs.run_number
    where
        not exists (
            select 1
            from audience_rows
            where
                audience_rows.audience = histories.audience
                and audience_rows.channel = histories.channel
                and audience_rows.audience_member_key
                = histories.audience_member_key
        )
    group by
        histories.audience,
        histories.channel,
        histories.audience_member_key,
        histories.customer_id,
        histories.added_on

),

removed as (

    select
        gone.audience,
        gone.channel,
        gone.audience_member_key,
        customers.customer_id,
        null::string as identifier,
        null::string as destination_identifier,
        audiences.message_class,
        audiences.campaign_id,
        null::string as arm,
        null::string as no_variables,
        null::string as row_hash,
        case when customers.customer_id is not null then gone.added_on end
            as first_added_at,
        gone.gone_on as changed_at,
        'removed' as change_type
    from gone
    cross join last_day
    left join audiences
        on gone.audience = audiences.audience
    left join customers
        on gone.customer_id = customers.customer_id
    where gone.gone_on > last_day.recorded_on - {{ var('removals_shown_days') }}

),

synced as (

    select * from present

    union all

    select * from removed

)

select * from synced
