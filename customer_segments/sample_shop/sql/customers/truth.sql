insert into customer_truth
select
    customer_id,
    is_churned,
    seoul_date(churned_s) as churned_on
from active_until;

insert into person_truth
select
    k,
    person_k
from people
where person_k < k;

insert into arm_truth
with stopped as (

    select
        k,
        channel,
        min(unsubscribed_s) as stopped_s
    from messages
    group by k, channel

),

caused as (

    select
        k,
        order_number % 1000 - 600 as n
    from placed
    where order_number % 1000 >= 600

)

select
    addressed.n::usmallint,
    addressed.k::uinteger,
    addressed.variant,
    caused.k is not null as is_lifted
from addressed
left join stopped
    on addressed.k = stopped.k and addressed.channel = stopped.channel
left join caused
    on addressed.k = caused.k and addressed.n = caused.n
where
    addressed.variant is not null
    and addressed.sent_s < end_s()
    and addressed.sent_s <= coalesce(stopped.stopped_s, addressed.sent_s);
