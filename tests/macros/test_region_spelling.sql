-- One form for what is one spelling: composed, lower case, nothing between the letters.
with

cases (label, entered, expected) as (

    values
    ('spaces around', ' 서울시 ', '서울시'),
    ('spaces inside', '강원 특별자치도', '강원특별자치도'),
    ('decomposed', '경기도', '경기도'),
    ('hyphen and capitals', 'Gyeonggi-do', 'gyeonggido'),
    ('a code', 'KR-11', 'kr11'),
    ('empty', '', ''),
    ('unknown', null, null)

),

spelt as (

    select
        label,
        expected,
        {{ region_spelling('entered') }} as spelling
    from cases

)

select *
from spelt
where spelling is distinct from expected
