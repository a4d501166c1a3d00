-- The shape of a value and nothing of its content.
with

cases (label, content, expected) as (

    values
    ('phone', '010-1234-5678', '999-9999-9999'),
    ('e-mail', 'Kim@shop.kr', 'aaa@aaaa.aa'),
    ('hangul', '김 철수 7호', '가 가가 9가'),
    ('other scripts', '山田 José ①', 'aa aaaa 9'),
    ('long', repeat('x', 50), repeat('a', 40)),
    ('empty', '', ''),
    ('unknown', null, null)

),

shaped as (

    select
        label,
        expected,
        {{ masked('content') }} as shape
    from cases

)

select *
from shaped
where shape is distinct from expected
