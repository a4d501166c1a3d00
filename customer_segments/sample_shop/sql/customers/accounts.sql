-- Companies that use the sister product. Every other contact opens the account of one,
-- so a company is there as soon as that contact is. Company n is the same whoever else
-- there is.
create or replace temp table companies as
with numbered as (

    select
        account_n,
        mix(mix(account_n) + seed_h() + 77) as h,
        created_s
    from people
    where kind = 'b2b' and k % 2 = 0

),

described as (

    select
        numbered.account_n,
        numbered.h,
        numbered.created_s,
        industry_slots.naics_code,
        industry_slots.industry,
        industry_slots.business_model,
        industry_slots.names,
        industry_slots.revenue_per_head,
        industry_slots.ad_permille,
        region_slots.spellings,
        greatest(1, (
            3 * shapes.exponential * shapes.exponential // 1000000000
            * case when pick(numbered.h, 'large', 100) < 8 then 40 else 3 end
        ) // 1000 + pick(numbered.h, 'at least', 9)) as employees,
        pick(numbered.h, 'abroad', 100) < 3 as is_abroad
    from numbered
    inner join industry_slots
        on industry_slots.slot = pick(numbered.h, 'industry', fact('industry_count'))
    inner join region_slots on region_slots.slot = pick(numbered.h, 'region', 1000)
    inner join lookups.shapes on shapes.slot = pick(numbered.h, 'size', 1024)

)

select
    *,
    revenue_per_head * employees * (60 + pick(h, 'revenue', 80)) * 10000
        as revenue
from described
order by account_n;

create or replace temp view accounts_rows as
select
    industry,
    business_model,
    account_n as row_n,
    'B' || (1001 + account_n) as account_id,
    [
        '한빛', '새봄', '푸른', '늘찬', '가온', '다온', '라온', '미르', '바른', '온새',
        '해솔', '두루'
    ][1 + pick(h, 'name', 12)]
    || string_split(names, '|')[1 + pick(h, 'kind of name', 2)]
    || case
        when pick(h, 'numbered', 100) < 70 then ' ' || (1 + account_n) || '호' else ''
    end as name,
    case
        when account_n > 10 and pick(h, 'has parent', 100) < 8
            then 'B' || (1001 + pick(h, 'parent', account_n))
    end as parent_account_id,
    case
        when not is_abroad then 'KR'
        when pick(h, 'country', 2) = 0 then 'US'
        else 'JP'
    end as country,
    case when not is_abroad then spellings[1 + pick(h, 'spelling', 3)] end as region,
    case
        when pick(h, 'known industry', 100) < 6 then null
        when pick(h, 'known industry', 100) < 10 then left(naics_code, 2)
        when pick(h, 'known industry', 100) < 16 then left(naics_code, 4)
        else naics_code
    end as naics_code,
    case when pick(h, 'known size', 100) >= 7 then employees::integer end as employees,
    case
        when pick(h, 'known revenue', 100) < 18 then null
        when is_abroad and pick(h, 'country', 2) = 0 then revenue // 1350
        when is_abroad then revenue * 10 // 92
        else revenue
    end::decimal(24, 4) as annual_revenue,
    case
        when not is_abroad then 'KRW'
        when pick(h, 'country', 2) = 0 then 'USD'
        else 'JPY'
    end as currency,
    case
        when pick(h, 'known revenue', 100) < 40 then null
        when is_abroad and pick(h, 'country', 2) = 0
            then revenue * ad_permille // 1350000
        when is_abroad then revenue * ad_permille // 92000
        else revenue * ad_permille // 1000
    end::decimal(24, 4) as annual_ad_spend,
    (
        year(seoul_date(created_s)) - 1 - pick(h, 'age', 12) - pick(h, 'older', 25)
    )::integer as founded_year
from companies;
