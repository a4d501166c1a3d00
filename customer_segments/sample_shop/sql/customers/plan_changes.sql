-- What each customer's plan became and when; after a cancellation nothing follows.
create or replace temp table plan_changes as
with subscribers as (

    select
        k,
        h,
        plan_s,
        paid_plan,
        pick(h, 'trial', 100) < 60 as has_trial,
        pick(h, 'trial converts', 100) < 62 as converts,
        plan_s + case when pick(h, 'trial', 100) < 60 then 14 * 86400 else 0 end
            as paid_s,
        case when paid_plan = 'plus' then 'premium' else 'plus' end as other_plan,
        pick(h, 'plan changes', 100) < case when paid_plan = 'plus' then 30 else 42 end
            as changes,
        pick(h, 'plan ends', 100) < 34 as ends,
        30 * 86400 + draw(h, 'plan change') % (150 * 86400) as change_after,
        30 * 86400 + draw(h, 'plan end') % (230 * 86400) as end_after
    from people
    where plan_s is not null

),

planned as (

    select
        *,
        0 as change_n,
        plan_s as changed_s,
        'trial_start' as event_name,
        'free' as from_plan,
        'free' as to_plan
    from subscribers
    where has_trial

    union all

    select
        *,
        1 as change_n,
        paid_s as changed_s,
        case
            when has_trial and not converts then 'subscription_cancel'
            else 'plan_change'
        end as event_name,
        'free' as from_plan,
        case when has_trial and not converts then 'free' else paid_plan end as to_plan
    from subscribers

    union all

    select
        *,
        2 as change_n,
        paid_s + change_after as changed_s,
        'plan_change' as event_name,
        paid_plan as from_plan,
        other_plan as to_plan
    from subscribers
    where
        (converts or not has_trial) and changes
        and not (ends and end_after <= change_after)

    union all

    select
        *,
        3 as change_n,
        paid_s + end_after as changed_s,
        'subscription_cancel' as event_name,
        case when changes and change_after < end_after then other_plan else paid_plan
        end as from_plan,
        'free' as to_plan
    from subscribers
    where (converts or not has_trial) and ends

)

select
    k,
    h,
    paid_plan,
    change_n,
    spared(changed_s) as changed_s,
    event_name,
    from_plan,
    to_plan
from planned
where spared(changed_s) < end_s();
