-- What a total would give away goes with one cell more, the smallest that somebody is in.
{%- set cells = {'of': 'label', 'key': 'place'} %}

with

cases (label, place, counted, is_hidden, expected) as (

    values
    ('nothing small', 1, 30, false, false),
    ('nothing small', 2, 20, false, false),
    ('one small', 1, 3, true, true),
    ('one small', 2, 20, false, false),
    ('one small', 3, 15, false, true),
    ('one small, a tie', 1, 15, false, true),
    ('one small, a tie', 2, 15, false, false),
    ('one small, a tie', 3, 3, true, true),
    ('one small, one empty', 1, 3, true, true),
    ('one small, one empty', 2, 0, false, false),
    ('one small, one empty', 3, 40, false, true),
    ('two small', 1, 3, true, true),
    ('two small', 2, 4, true, true),
    ('two small', 3, 20, false, false),
    ('alone', 1, 3, true, true)

),

judged as (

    select
        *,
        {{ hidden_with_complement('is_hidden', 'counted', cells) }} as is_suppressed
    from cases

),

-- nobody gives nothing away, and neither do as many as the minimum
groups (counted, expected) as (

    values
    (0, false),
    (1, true),
    ({{ var('k_minimum') }} - 1, true),
    ({{ var('k_minimum') }}, false)

),

wrong as (

    select
        label,
        place
    from judged
    where is_suppressed <> expected

    union all

    select
        'group' as label,
        counted as place
    from groups
    where ({{ is_small_group('counted') }}) <> expected

)

select * from wrong
