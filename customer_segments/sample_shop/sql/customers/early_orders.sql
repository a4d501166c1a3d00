-- Some customers of old bought once soon after they signed up, before the sample begins
-- and before there were events or rates. Order 999 counts for no pace and no drop-out.
create or replace temp table early_orders as
select
    k,
    999 as j,
    nth(h, 999) as order_h,
    created_s + 3600 + pick(h, 'early order', 5 * 86400) as drawn_s
from people
where
    sign_up_day < -10
    and country = 'KR'
    and not never_buys
    and pick(h, 'bought early', 100) < 10;
