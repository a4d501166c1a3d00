-- Whatever somebody is called, the message about them stays JSON.
with

cases (name, expected) as (

    values
    ('김철수', '"김철수"'),
    ('O''Brien', '"O''Brien"'),
    ('김 "별명" 철수', {{ sql_text('"김 \\"별명\\" 철수"') }}),
    ({{ sql_text('back\\slash') }}, {{ sql_text('"back\\\\slash"') }}),
    ({{ sql_text('\\"') }}, {{ sql_text('"\\\\\\""') }}),
    ({{ sql_text('\\n') }}, {{ sql_text('"\\\\n"') }}),
    ('two' || chr(10) || 'lines' || chr(13) || chr(9), {{ sql_text('"two\\nlines\\r\\t"') }}),
    ('bell' || chr(7) || chr(31) || chr(127), '"bell"'),
    ('😀 é', '"😀 é"'),
    ('{"a": null}', {{ sql_text('"{\\"a\\": null}"') }}),
    ('$1 {0} %s', '"$1 {0} %s"'),
    ('', '""'),
    (null, 'null')

),

written as (

    select
        name,
        expected,
        {{ quoted_text('name') }} as json
    from cases

)

select *
from written
where json is distinct from expected
