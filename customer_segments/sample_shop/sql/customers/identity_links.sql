-- People who are known by several ids.
create or replace temp table identity_links_rows as
with linked as (

    select
        later.k,
        later.h,
        later.customer_id as from_id,
        earlier.customer_id as to_id,
        greatest(later.created_s, earlier.created_s) as known_s,
        0 as link_n
    from people as later
    inner join people as earlier on later.k = earlier.k + 1
    where later.person_k < later.k

    union all

    select
        head.k,
        head.h,
        head.customer_id as from_id,
        tail.customer_id as to_id,
        greatest(head.created_s, tail.created_s) as known_s,
        1 as link_n
    from people as head
    inner join people as tail on head.k + 3 = tail.k
    where tail.person_k = head.k

    union all

    select
        k,
        h,
        customer_id as from_id,
        'KIOSK-' || pick(h, 'kiosk', 3) as to_id,
        created_s as known_s,
        2 as link_n
    from people
    where pick(h, 'used a kiosk', 1000) < 15

)

select
    from_id,
    to_id,
    moment(least(known_s + 60 + pick(h, 'linked after', 20 * 86400), end_s() - 1))
        as linked_at,
    case
        when link_n = 2 then 'shared_device'
        else ['login', 'same_phone', 'customer_service'][1 + pick(h, 'method', 3)]
    end as method,
    k * 3 + link_n as row_n
from linked;
