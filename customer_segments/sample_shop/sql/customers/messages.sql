-- Whom each campaign of the shop addresses in which arm, and what each message caused.
-- A generic message has a third of the effect; nobody is moved by what never arrived.
create or replace temp table addressed as
with reachable as (

    select
        k,
        channel,
        asked_s as from_s,
        withdrawn_s,
        granted_again_s
    from grants
    where purpose = 'ad' and has_granted

    union all

    select
        k,
        'alimtalk' as channel,
        created_s as from_s,
        null as withdrawn_s,
        null as granted_again_s
    from people

),

drawn as (

    select
        reachable.k,
        reachable.channel,
        people.customer_id,
        shop_campaigns.n,
        shop_campaigns.campaign_id,
        shop_campaigns.is_experiment,
        shop_campaigns.lift_permille,
        shop_campaigns.starts_s,
        nth(mix(people.h + shop_campaigns.h), 1) as h
    from reachable
    inner join people on reachable.k = people.k and people.kind = 'shop'
    inner join shop_campaigns on reachable.channel = shop_campaigns.channel
    where
        reachable.from_s < shop_campaigns.starts_s
        and (
            reachable.withdrawn_s is null
            or reachable.withdrawn_s > shop_campaigns.starts_s + 86400
            or reachable.granted_again_s < shop_campaigns.starts_s
        )

)

select
    k,
    channel,
    customer_id,
    n,
    campaign_id,
    lift_permille,
    starts_s,
    h,
    case
        when not is_experiment then null
        when pick(h, 'arm', 100) < 10 then 'holdout'
        when pick(h, 'arm', 100) < 32 then 'control_generic'
        else 'treatment'
    end as variant,
    starts_s + pick(h, 'sent', 9 * 3600) as sent_s
from drawn
where pick(h, 'chosen', 100) < 55;

create or replace temp table messages as
with received as (

    select
        *,
        case when pick(h, 'delivered', 100) < 97 then sent_s + pick(h, 'delay', 40) end
            as delivered_s,
        case
            when pick(h, 'delivered', 100) < 97 and pick(h, 'opened', 100) < 28
                then sent_s + 60 + pick(h, 'opens after', 20 * 3600)
        end as opened_s
    from addressed
    where sent_s < end_s() and variant is distinct from 'holdout'

),

reacted as (

    select
        *,
        case
            when pick(h, 'clicked', 100) < 18
                then opened_s + 10 + pick(h, 'clicks after', 300)
        end as clicked_s,
        case
            when channel <> 'alimtalk' and pick(h, 'unsubscribes', 1000) < 20
                then opened_s + 15 + pick(h, 'unsubscribes after', 300)
        end as unsubscribed_s
    from received

),

stopped as (

    select
        k,
        channel,
        min(unsubscribed_s) as stopped_s
    from reacted
    where unsubscribed_s < end_s()
    group by k, channel

)

select
    reacted.k,
    reacted.customer_id,
    reacted.n,
    reacted.campaign_id,
    reacted.channel,
    reacted.variant,
    reacted.h,
    reacted.sent_s,
    case when reacted.delivered_s < end_s() then reacted.delivered_s end as delivered_s,
    case
        when reacted.opened_s < end_s() and reacted.channel <> 'sms'
            then reacted.opened_s
    end as opened_s,
    case when reacted.clicked_s < end_s() then reacted.clicked_s end as clicked_s,
    case when reacted.unsubscribed_s < end_s() then reacted.unsubscribed_s end
        as unsubscribed_s,
    coalesce(
        reacted.delivered_s is not null
        and pick(reacted.h, 'lifted', 1000) < case reacted.variant
            when 'treatment' then reacted.lift_permille
            when 'control_generic' then reacted.lift_permille // 3
        end,
        false
    ) as is_lifted,
    reacted.lift_permille
from reacted
left join stopped
    on reacted.k = stopped.k and reacted.channel = stopped.channel
where reacted.sent_s <= coalesce(stopped.stopped_s, reacted.sent_s);
