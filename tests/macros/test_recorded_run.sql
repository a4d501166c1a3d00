-- Runs 1 and 2 are in force; 3 and 4, of the as-of day and a later one, are restated by
-- today's. Whom they alone added was read by others, and has to go again.
{%- set recording = {
    'key': ['audience', 'member'],
    'carried': ['row_hash'],
    'words': ['added', 'updated', 'removed'],
    'retracts': true,
} -%}
{%- set membership = {
    'key': ['audience', 'member'],
    'words': ['entered', none, 'left'],
} %}

with

records (run_number, days_ago, audience, member, change, row_hash) as (

    values
    (1, 9, null, null, 'run', null),
    (1, 9, 'a', 'stays', 'added', 'x'),
    (1, 9, 'a', 'changes', 'added', 'x'),
    (1, 9, 'a', 'leaves', 'added', 'x'),
    (1, 9, 'a', 'comes back', 'added', 'x'),
    (1, 9, 'b', 'stays', 'added', 'x'),
    (2, 1, null, null, 'run', null),
    (2, 1, 'a', 'comes back', 'removed', null),
    (3, 0, null, null, 'run', null),
    (3, 0, 'a', 'was there today', 'added', 'x'),
    (3, 0, 'a', 'leaves', 'removed', null),
    (4, -1, null, null, 'run', null),
    (4, -1, 'a', 'was there tomorrow', 'added', 'x'),
    (4, -1, 'a', 'stays', 'updated', 'y')

),

dated as (

    select
        run_number,
        audience,
        member,
        change,
        row_hash,
        {{ as_of_date() }} - days_ago as as_of_date
    from records

),

-- as if nothing later had been recorded
recorded_today as (

    select *
    from dated
    where run_number <= 3

),

-- memberships have other words, and no hash
members_recorded as (

    select
        run_number,
        as_of_date,
        audience,
        member,
        case change
            when 'added' then 'entered'
            when 'removed' then 'left'
            else change
        end as change
    from dated

),

state (audience, member, row_hash) as (

    values
    ('a', 'stays', 'x'),
    ('a', 'changes', 'y'),
    ('a', 'comes back', 'x'),
    ('a', 'is new', 'x'),
    ('b', 'stays', 'x')

),

state_recorded (audience, member, row_hash) as (

    values
    ('a', 'stays', 'x'),
    ('a', 'changes', 'x'),
    ('a', 'was there today', 'x'),
    ('b', 'stays', 'x')

),

state_changed (audience, member, row_hash) as (

    values
    ('a', 'stays', 'x'),
    ('a', 'changes', 'z'),
    ('a', 'was there today', 'x'),
    ('b', 'stays', 'x')

),

recorded as (

    select
        'restated' as label,
        *
    from {{ recorded_run('dated', 'state', recording) }}

    union all

    select
        'the first' as label,
        *
    from {{ recorded_run(none, 'state_recorded', recording) }}

    union all

    select
        'the same again' as label,
        *
    from {{ recorded_run('recorded_today', 'state_recorded', recording) }}

    union all

    select
        'the same day, a hash changed' as label,
        *
    from {{ recorded_run('recorded_today', 'state_changed', recording) }}

    union all

    select
        'membership' as label,
        run_number,
        as_of_date,
        audience,
        member,
        null as row_hash,
        change
    from {{ recorded_run('members_recorded', 'state', membership) }}

),

expected (label, run_number, audience, member, row_hash, change) as (

    values
    ('restated', 5, null, null, null, 'run'),
    ('restated', 5, 'a', 'changes', 'y', 'updated'),
    ('restated', 5, 'a', 'leaves', null, 'removed'),
    ('restated', 5, 'a', 'comes back', 'x', 'added'),
    ('restated', 5, 'a', 'is new', 'x', 'added'),
    ('restated', 5, 'a', 'was there today', null, 'removed'),
    ('restated', 5, 'a', 'was there tomorrow', null, 'removed'),
    ('the first', 1, null, null, null, 'run'),
    ('the first', 1, 'a', 'stays', 'x', 'added'),
    ('the first', 1, 'a', 'changes', 'x', 'added'),
    ('the first', 1, 'a', 'was there today', 'x', 'added'),
    ('the first', 1, 'b', 'stays', 'x', 'added'),
    ('the same day, a hash changed', 4, null, null, null, 'run'),
    ('the same day, a hash changed', 4, 'a', 'changes', 'z', 'updated'),
    ('the same day, a hash changed', 4, 'a', 'leaves', null, 'removed'),
    ('the same day, a hash changed', 4, 'a', 'was there today', 'x', 'added'),
    ('membership', 5, null, null, null, 'run'),
    ('membership', 5, 'a', 'leaves', null, 'left'),
    ('membership', 5, 'a', 'comes back', null, 'entered'),
    ('membership', 5, 'a', 'is new', null, 'entered')

),

different as (

    (
        select label, run_number, audience, member, row_hash, change from recorded
        where as_of_date = {{ as_of_date() }}
        except
        select label, run_number, audience, member, row_hash, change from expected
    )

    union all

    (
        select label, run_number, audience, member, row_hash, change from expected
        except
        select label, run_number, audience, member, row_hash, change from recorded
        where as_of_date = {{ as_of_date() }}
    )

)

select * from different
