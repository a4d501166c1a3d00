-- Every common spelling of a number is one number; what is blank is none. Numbers
-- without a country are Korean here; other shops set phone_country_code.
with

cases (label, email, expected_email, phone, expected_phone) as (

    values
    ('dashes', 'Kim@Shop.example', 'kim@shop.example', '010-1234-5678', '+821012345678'),
    ('bare', ' kim@shop.example ', 'kim@shop.example', '01012345678', '+821012345678'),
    ('trunk zero', 'k@a.co.kr', 'k@a.co.kr', '+82 010 1234 5678', '+821012345678'),
    ('country', 'k+t@a.kr', 'k+t@a.kr', '+82 10-1234-5678', '+821012345678'),
    ('no plus', 'k@a-b.kr', 'k@a-b.kr', '821012345678', '+821012345678'),
    ('two zeros', 'k@a.kr', 'k@a.kr', '0082 10 1234 5678', '+821012345678'),
    ('brackets', 'k@a.kr', 'k@a.kr', '(010) 1234.5678', '+821012345678'),
    ('597 block', 'k@a.kr', 'k@a.kr', '010-5970-1234', '+821059701234'),
    ('abroad', 'k@a.kr', 'k@a.kr', '+1 212 555 0100', '+12125550100'),
    ('zero lost', 'k@a.kr', 'k@a.kr', '1012345678', '+821012345678'),
    ('empty', '  ', null, ' ', null),
    ('unknown', null, null, null, null)

),

normalised as (

    select
        label,
        expected_email,
        expected_phone,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone
    from cases

)

select *
from normalised
where
    email is distinct from expected_email
    or (
        '{{ var("phone_country_code") }}' = '82'
        and phone is distinct from expected_phone
    )
