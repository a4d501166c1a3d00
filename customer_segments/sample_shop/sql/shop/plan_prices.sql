-- What the plans of the sister product cost, and since when.
create table plan_prices_rows as
select
    plan,
    seoul_date(start_s()) - 30 + (day_count() * share // 100 + 30 * (share > 0)::bigint)
    ::integer as valid_from,
    monthly_price::decimal(18, 4) as monthly_price,
    row_number() over (order by share, plan) as row_n
from lookups.plan_prices
where setting('has_plans') and (share = 0 or day_count() > 60);
