-- The run of today is number 5; its newest record counts, whole.
{%- set recording = {'runs': 'dated', 'columns': ['segment', 'customer_count']} %}
with

runs (run_number, days_ago, is_in_force) as (

    values
    (3, 1, true),
    (4, 0, false),
    (5, 0, true)

),

dated as (

    select
        run_number,
        is_in_force,
        {{ as_of_date() }} - days_ago as as_of_date
    from runs

),

records (run_number, record_number, segment, customer_count) as (

    values
    (3, 1, 'women', 7),
    (4, 2, 'women', 9),
    (5, 3, 'women', 1),
    (5, 3, 'gone', 1),
    (5, 4, 'women', 2),
    (5, 4, 'men', 3)

),

same (segment, customer_count) as (

    values
    ('men', 3),
    ('women', 2)

),

grown as (

    select *
    from same

    union all

    select
        'new' as segment,
        0 as customer_count

),

changed as (

    select
        segment,
        customer_count + 1 as customer_count
    from same

),

fewer as (

    select *
    from same
    where segment = 'men'

),

counted as (

    {%- for figures in ['same', 'grown', 'changed', 'fewer'] %}

    select
        '{{ figures }}' as label,
        count(*) as row_count,
        max(run_number) as run_number,
        max(record_number) as record_number
    from {{ recorded_figures('records', figures, recording) }}

    union all
    {%- endfor %}

    select
        'the first' as label,
        count(*) as row_count,
        max(run_number) as run_number,
        max(record_number) as record_number
    from {{ recorded_figures(none, 'same', recording) }}

    union all

    select
        segment as label,
        count(*) as row_count,
        max(run_number) as run_number,
        max(record_number) as record_number
    from {{ figures_in_force('records', 'dated') }}
    group by segment, run_number

),

expected (label, row_count, run_number, record_number) as (

    values
    ('same', 0, null, null),
    ('grown', 3, 5, 5),
    ('changed', 2, 5, 5),
    ('fewer', 1, 5, 5),
    ('the first', 2, 5, 1),
    ('women', 1, 3, 1),
    ('women', 1, 5, 4),
    ('men', 1, 5, 4)

),

different as (

    (
        select * from counted
        except
        select * from expected
    )

    union all

    (
        select * from expected
        except
        select * from counted
    )

)

select * from different
