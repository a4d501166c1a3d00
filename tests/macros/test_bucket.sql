-- Pinned: a bucket may never change, or held-out people would be written to.
with

cases (customer_id, expected) as (

    values
    ('c1', 4592),
    ('001', 8674),
    ('1', 1588),
    ('김철수', 9427),
    ('a|b', 4066),
    ('o''brien', 6660),
    ('C10000042', 2761),
    ('C10000043', 6446),
    ('0', 7503),
    ('00000000-0000-4000-8000-000000000000', 7320),
    ('kim@shop.example', 4588),
    ('고객 1', 3501),
    ('UPPER', 9612),
    ('upper', 8875),
    ('　x', 3216),
    ('가́', 9202),
    ('😀', 502),
    ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 8797),
    ('-1', 6850),
    ('9223372036854775808', 5945)

),

placed as (

    select
        customer_id,
        expected,
        {{ bucket('win_back', 'customer_id') }} as bucket
    from cases

)

select *
from placed
where bucket <> expected
