-- Pinned: a bucket may never change, or held-out people would be written to.
with

cases (customer_id, expected) as (

    values
    ('c1', 4592),
    ('001', 8674),
    ('1', 1588),
    ('김철수', 9427),
    ('a|b', 4066),
    ('o''brien', 6660)

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
