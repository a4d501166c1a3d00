-- What a key of a JSON object says is the same text to both engines; what is no JSON
-- object says nothing.
with

cases (label, content, expected) as (

    values
    ('text', '{"a":"x"}', 'x'),
    ('empty text', '{"a":""}', ''),
    ('a word of JSON as text', '{"a":"null"}', 'null'),
    ('digits as text', '{"a":"007"}', '007'),
    ('text like a list', '{"a":"[특가] 셔츠"}', '[특가] 셔츠'),
    ('text like an object', '{"a":"{"}', '{'),
    ('escapes', {{ sql_text('{"a":"\\"\\\\\\/\\n\\ud55c\\uD83D\\uDE00"}') }}, {{ sql_text('"\\/\n한😀') }}),
    ('true', '{"a":true}', 'true'),
    ('false', '{"a": false }', 'false'),
    ('spaces', {{ sql_text('\t{ "a"\n:\r1 } ') }}, '1'),
    ('other keys', '{"A":1,"ab":2,"b":{"a":3}}', null),
    ('further down first', '{"b":{"a":"in"},"a":"out"}', 'out'),
    ('null', '{"a":null}', null),
    ('empty object', '{}', null),
    ('a list of objects', '[{"a":1}]', null),
    ('a text', '"a"', null),
    ('a number', '1', null),
    ('no value', 'null', null),
    ('empty', '', null),
    ('unknown', null::string, null),
    ('cut short', '{"a":"x","b":', null),
    ('not closed', '{"a":1', null),
    ('nothing but words', 'a=1', null)

),

odd_keys (label, content, expected) as (

    values
    ('hyphen', {{ json_text("'{\"a-b\":\"x\"}'", 'a-b') }}, 'x'),
    ('underscore', {{ json_text("'{\"_\":1}'", '_') }}, '1'),
    ('capitals', {{ json_text("'{\"itemID\":1,\"ItemId2\":2}'", 'ItemId2') }}, '2')

),

read as (

    select
        label,
        expected,
        {{ json_text('content', 'a') }} as content
    from cases

    union all

    select
        label,
        expected,
        content
    from odd_keys

)

select *
from read
where content is distinct from expected
