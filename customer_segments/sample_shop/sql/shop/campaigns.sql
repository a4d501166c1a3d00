-- A campaign every twelve days, every third of them an experiment. An alimtalk informs:
-- it may carry no offer, and so is no experiment in selling.
create table shop_campaigns as
with numbered as (

    select
        numbers.n,
        mix(mix(numbers.n + 1) + setting('campaign_seed_h')) as h,
        start_s() + numbers.n * 12 * 86400 + 36000 as starts_s
    from range((day_count() + 11) // 12) as numbers (n)

)

select
    n,
    h,
    'M' || (1001 + n) as campaign_id,
    starts_s,
    starts_s + pick(h, 'length', 6) * 86400 + 36000 as planned_end_s,
    n % 3 = 0 and n % 10 <> 9 as is_experiment,
    30 + pick(h, 'lift', 50) as lift_permille,
    case n % 10
        when 0 then 'email' when 1 then 'push' when 2 then 'sms'
        when 3 then 'brand_message' when 4 then 'in_app' when 5 then 'email'
        when 6 then 'push' when 7 then 'brand_message' when 8 then 'sms'
        else 'alimtalk'
    end as channel,
    case
        when n % 10 = 9 then 'service'
        when n % 7 in (0, 5) then 'repeat_purchase'
        when n % 7 = 1 then 'win_back'
        when n % 7 = 2 then 'first_purchase'
        when n % 7 = 4 then 'retention'
        else 'revenue'
    end as goal
from numbered;

create table campaigns_rows as
select
    campaign_id,
    strftime(seoul_date(starts_s), '%Y-%m') || ' ' || case goal
        when 'repeat_purchase' then '재구매 제안'
        when 'win_back' then '다시 만나요'
        when 'first_purchase' then '첫 구매 혜택'
        when 'revenue' then '시즌 기획전'
        when 'service' then '배송·반품 이용 안내'
        else '회원 감사'
    end as name,
    channel,
    goal,
    case when channel = 'alimtalk' then 'info' else 'ad' end as message_class,
    moment(starts_s) as starts_at,
    case when planned_end_s < end_s() then moment(planned_end_s) end as ends_at,
    (200000 + pick(h, 'cost', 300) * 10000)::decimal(18, 4) as cost,
    n as row_n
from shop_campaigns
where setting('has_shop');
