-- Who asked to be forgotten.
create or replace temp table forgotten as
with asked as (

    select
        k,
        customer_id,
        created_s + 86400
        + (end_s() - created_s) * pick(h, 'asks when', 1000) // 1000 as requested_s
    from people
    where pick(h, 'asks to be forgotten', 10000) < 15

)

select *
from asked
where requested_s < end_s();
