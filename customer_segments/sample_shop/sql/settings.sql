-- One row: the numbers that a sample is a function of. Days run in Seoul, nine hours
-- before UTC.
create table settings as
with given as (

    select
        getvariable('customers')::bigint as customer_count,
        getvariable('days')::bigint as day_count,
        getvariable('seed')::bigint as seed,
        getvariable('encoding') as text_encoding,
        getvariable('kind') as kind,
        (getvariable('as_of')::date - date '1970-01-01') + 1 as end_day,
        round_even(getvariable('dirt')::double * 1000000, 0)::bigint as dirt_ppm

)

select
    customer_count,
    day_count,
    text_encoding,
    kind,
    kind in ('all', 'shop') as has_shop,
    kind <> 'shop' as has_plans,
    -- every how-manieth customer opens the account of a company
    case kind when 'b2b' then 2 else 32 end as account_step,
    dirt_ppm,
    end_day - day_count as first_day,
    (end_day - day_count) * 86400 - 32400 as start_s,
    end_day * 86400 - 32400 as end_s,
    draw(seed, 'seed_h') as seed_h,
    draw(seed, 'product_seed_h') as product_seed_h,
    draw(seed, 'campaign_seed_h') as campaign_seed_h,
    draw(seed, 'rate_seed_h') as rate_seed_h
from given;
