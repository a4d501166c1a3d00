-- Only a whole address and a mobile number can be written to; unknown is neither.
-- Mobile numbers are Korean here; other shops set mobile_number_pattern.
with

cases (label, email, is_expected_email, phone, is_expected_mobile) as (

    values
    ('plain', 'kim@shop.example', true, '+821012345678', true),
    ('tagged', 'kim+a.b@shop.co.kr', true, '+821059701234', true),
    ('no domain', 'kim@', false, '+82101234567', false),
    ('no dot', 'kim@shop', false, '+8210123456789', false),
    ('two at', 'kim@shop@a.kr', false, '+8221234567', false),
    ('two dots', 'kim..lee@a.kr', false, '+82111234567', false),
    ('hyphen last', 'kim@a-.kr', false, '+12125550100', false),
    ('hangul', '김@a.kr', false, '01012345678', false),
    ('a hash', repeat('a0', 32), false, repeat('1', 64), false),
    ('unknown', null, false, null, false)

),

judged as (

    select
        label,
        is_expected_email,
        is_expected_mobile,
        {{ is_email('email') }} as is_email,
        {{ is_mobile_number('phone') }} as is_mobile
    from cases

)

select *
from judged
where
    is_email <> is_expected_email
    or (
        '{{ var("phone_country_code") }}' = '82'
        and is_mobile <> is_expected_mobile
    )
