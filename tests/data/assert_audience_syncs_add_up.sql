{{ config(group='warehouse') }}

-- what other tools read holds the receivers of today and nobody else; who was added and
-- who was removed add up to them
with

members as (

    select
        audience,
        channel,
        customer_id,
        identifier
    from {{ ref('audience_members') }}

),

listed as (

    select
        audience,
        channel,
        customer_id,
        identifier,
        change_type = 'removed' as is_removed
    from {{ ref('int_audience_syncs') }}

),

present as (

    select *
    from listed
    where not is_removed

),

records as (

    select * from {{ ref('audience_records') }}

),

alive_runs as (

    select * from {{ alive_runs('records') }}

),

changes as (

    select
        records.audience,
        records.channel,
        records.audience_member_key,
        records.customer_id,
        records.change,
        lag(records.change) over by_member as change_before,
        lead(records.change) over by_member is null as is_last
    from records
    inner join alive_runs
        on records.run_number = alive_runs.run_number
    where records.change <> 'run'
    window by_member as (
        partition by
            records.audience, records.channel, records.audience_member_key
        order by records.run_number
    )

),

-- somebody of whom nothing is known but a removal was erased, or in a restated run only
out_of_order as (

    select *
    from changes
    where
        (change = 'added' and change_before in ('added', 'updated'))
        or (
            change = 'updated'
            and coalesce(change_before, 'removed') = 'removed'
        )
        or (change = 'removed' and change_before = 'removed')

),

in_force as (

    select *
    from changes
    where is_last and change <> 'removed'

),

wrong as (

    select
        coalesce(members.audience, present.audience) as audience,
        coalesce(members.customer_id, present.customer_id) as customer_id,
        'listed' as what
    from members
    full outer join present
        on
            members.audience = present.audience
            and members.channel = present.channel
            and members.customer_id = present.customer_id
    where members.identifier is distinct from present.identifier

    union all

    select
        coalesce(members.audience, in_force.audience) as audience,
        coalesce(members.customer_id, in_force.customer_id) as customer_id,
        'recorded' as what
    from members
    full outer join in_force
        on
            members.audience = in_force.audience
            and members.channel = in_force.channel
            and members.customer_id = in_force.customer_id
    where members.customer_id is null or in_force.customer_id is null

    union all

    select
        audience,
        customer_id,
        'in order' as what
    from out_of_order

    union all

    select
        audience,
        customer_id,
        'removed' as what
    from listed
    where is_removed and identifier is not null

)

select * from wrong
