-- Why something is no address and no number; null only where it is one. Numbers are Korean
-- here; other shops set phone_country_code and mobile_number_pattern.
with

cases (label, email, expected_email, phone, expected_phone) as (

    values
    ('fine', 'kim@shop.kr', null, '010-1234-5678', null),
    ('empty', ' ', 'empty', '-', 'empty'),
    ('unknown', null, 'empty', null, 'empty'),
    ('hashed', repeat('A0', 32), 'already_hashed', repeat('a0', 32), 'already_hashed'),
    ('word', 'kim', 'no_at_sign', '010-CALL', 'not_a_number'),
    ('wide', 'kim＠shop.kr', 'no_at_sign', '０１０12345678', null),
    ('64', repeat('k', 64) || '@a.kr', null, '+123456789012345', 'not_a_mobile'),
    ('65', repeat('k', 65) || '@a.kr', 'too_long', '+1234567890123456', 'too_long'),
    ('no domain', 'kim@', 'bad_domain', '02-123-4567', 'not_a_mobile'),
    ('one letter', 'kim@shop.k', 'bad_domain', '011-234-5678', 'not_a_mobile'),
    ('label of 63', 'k@' || repeat('b', 63) || '.kr', null, '+82 (0)10 12345678', null),
    ('label of 64', 'k@' || repeat('b', 64) || '.kr', 'bad_domain', '0', 'not_a_number'),
    ('hyphens', 'kim@ab--cd.kr', 'bad_domain', '010–1234–5678', null),
    ('punycode', 'kim@xn--3e0b707e.kr', null, '010-5970-1234', null),
    ('dots', 'kim..lee@a.kr', 'bad_address', '+1 212 555 0100', 'not_a_mobile'),
    ('apostrophe', 'o''brien@a.kr', null, '010-1234-567', 'not_a_mobile'),
    ('turkish', 'KİM@a.kr', 'bad_address', '010-1234-56789', 'not_a_mobile')

),

told as (

    select
        label,
        expected_email,
        expected_phone,
        {{ email_problem(normalised_email('email')) }} as email,
        {{ phone_problem(normalised_phone('phone')) }} as phone
    from cases

)

select *
from told
where
    email is distinct from expected_email
    or (
        '{{ var("phone_country_code") }}' = '82'
        and phone is distinct from expected_phone
    )
