"""Randomised arms of campaigns, and the orders that only a message brought about."""

ARM = """case
        when not is_experiment then null
        when pick(h, 'arm', 100) < 10 then 'holdout'
        when pick(h, 'arm', 100) < 32 then 'control_generic'
        else 'treatment'
    end"""

# A generic message has a third of the effect; nobody is moved by what never arrived.
LIFTED = """coalesce(
        reacted.delivered_s is not null
        and pick(reacted.h, 'lifted', 1000) < case reacted.variant
            when 'treatment' then reacted.lift_permille
            when 'control_generic' then reacted.lift_permille // 3
        end,
        false
    )"""

# Whom a message can still win: people who have bought and have not dropped out.
LIFTED_ORDERS = """
create or replace temp table lifted_orders as
with bought as (

    select
        k,
        count(*) as order_count,
        min(drawn_s) as first_s,
        max(drawn_s) as last_s,
    from drawn_orders
    where j > 0
    group by k

)

select
    messages.k,
    600 + messages.n as j,
    nth(messages.h, 600) as order_h,
    messages.sent_s + 3600 + pick(messages.h, 'buys after', 5 * 86400) as drawn_s,
from messages
inner join bought on messages.k = bought.k
inner join people on messages.k = people.k
where
    messages.is_lifted
    and messages.sent_s > bought.first_s
    and (
        bought.order_count < people.lifetime_orders
        or messages.sent_s + 7 * 86400 < bought.last_s
    )
"""
ARMS = """
insert into arm_truth
with stopped as (

    select
        k,
        channel,
        min(unsubscribed_s) as stopped_s,
    from messages
    group by k, channel

),

caused as (

    select
        k,
        order_number % 1000 - 600 as n,
    from placed
    where order_number % 1000 >= 600

)

select
    addressed.n::usmallint,
    addressed.k::uinteger,
    addressed.variant,
    caused.k is not null as is_lifted,
from addressed
left join stopped
    on addressed.k = stopped.k and addressed.channel = stopped.channel
left join caused
    on addressed.k = caused.k and addressed.n = caused.n
where
    addressed.variant is not null
    and addressed.sent_s < end_s()
    and addressed.sent_s <= coalesce(stopped.stopped_s, addressed.sent_s)
"""
