-- When each customer granted and withdrew which consent.
create or replace temp table grants as
with numbered_shares as (

    select
        *,
        purpose_number(channel || purpose) as purpose_n,
        row_number() over (order by channel, purpose) as consent_n
    from lookups.consent_shares

),

asked as (

    select
        people.k,
        people.customer_id,
        numbered_shares.channel,
        numbered_shares.purpose,
        numbered_shares.granted,
        numbered_shares.refused,
        numbered_shares.withdrawn,
        mix(people.h + numbered_shares.purpose_n) as h,
        numbered_shares.consent_n,
        people.created_s + case
            when pick(people.h, 'asked later', 100) < 12
                then
                    (end_s() - people.created_s) * pick(people.h, 'asked when', 1000)
                    // 1000
            else 0
        end as asked_s
    from people
    cross join numbered_shares
    where pick(people.h, 'consent record', 1000) >= 100

),

answered as (

    select
        *,
        pick(h, 'answer', 1000) < granted as has_granted,
        case
            when
                pick(h, 'answer', 1000) < granted
                and pick(h, 'withdraws', 1000) < withdrawn
                then
                    asked_s + 3600
                    + (end_s() - asked_s) * pick(h, 'withdraws when', 10000)
                    // 10000
        end as withdrawn_s
    from asked
    where pick(h, 'answer', 1000) < granted + refused

)

select
    *,
    case
        when pick(h, 'grants again', 100) < 20
            then
                withdrawn_s + 86400
                + (end_s() - withdrawn_s) * pick(h, 'grants when', 10000) // 10000
    end as granted_again_s
from answered;
