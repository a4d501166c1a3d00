-- Three digits to a comma, and cents only where there are some.
with

cases (amount, expected) as (

    values
    (0::decimal(18, 4), '0'),
    (999::decimal(18, 4), '999'),
    (1000::decimal(18, 4), '1,000'),
    (123456::decimal(18, 4), '123,456'),
    (1234567.5::decimal(18, 4), '1,234,567.50'),
    (-123456::decimal(18, 4), '-123,456'),
    (-1234.05::decimal(18, 4), '-1,234.05'),
    (12900.0049::decimal(18, 4), '12,900'),
    (null::decimal(18, 4), null)

),

shown as (

    select
        amount,
        expected,
        {{ shown_money('amount') }} as text
    from cases

)

select *
from shown
where text is distinct from expected
