-- The technology that companies use.
create or replace temp view account_technologies_rows as
with used as (

    select
        technologies.*,
        companies.account_n,
        nth(companies.h, 300 + technologies.technology_n) as h
    from companies
    cross join numbered_technologies as technologies
    where
        pick(nth(companies.h, 300 + technologies.technology_n), 'uses', 100)
        < case when companies.employees >= 100 then 34 else 18 end

),

seen as (

    select
        *,
        day_count() * pick(h, 'first seen', 1000) // 1000 as first_d,
        pick(h, 'seen for', 900) as seen_days
    from used

)

select
    category,
    vendor,
    product,
    'B' || (1001 + account_n) as account_id,
    seoul_date(start_s()) + first_d::integer as first_seen_on,
    seoul_date(start_s()) + least(first_d + seen_days, day_count() - 1)::integer
        as last_seen_on,
    account_n * 100 + technology_n as row_n
from seen;
