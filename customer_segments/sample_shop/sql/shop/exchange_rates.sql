-- Rates walk from a usual one, a step each day; the bank quotes none at weekends.
create table exchange_rates_rows as
with dated as (

    select
        numbers.d,
        date '1970-01-01' + (first_day() + numbers.d)::integer as rate_date,
        mix(numbers.d + 1000) as mixed_d
    from range(-10, day_count()) as numbers (d)

),

drawn as (

    select
        currencies.*,
        dated.d,
        dated.rate_date,
        mix(dated.mixed_d + setting('rate_seed_h') + currencies.salt) as h
    from dated
    cross join (
        values ('USD', 1350000000, 3000, 13), ('JPY', 9200000, 20, 17)
    ) as currencies (currency, usual, step, salt)

),

walked as (

    select
        currency,
        rate_date,
        usual + sum(pick(h, 'step', 2001) - 1000)
            over (partition by currency order by d)
        * step as millionths
    from drawn

)

select
    currency,
    rate_date,
    (
        greatest(millionths, 1000000)::decimal(18, 0) * 0.000001::decimal(7, 6)
    )::decimal(18, 8) as rate,
    row_number() over (order by currency, rate_date) as row_n
from walked
where isodow(rate_date) <= 5;
