-- What a key of a JSON object says is the same text to both engines, whatever they forgive
-- and however they write numbers; what is no JSON object says nothing.
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
    ('JSON in a text', {{ sql_text('{"a":"{\\"a\\":1.50}"}') }}, '{"a":1.50}'),
    ('apostrophe and NaN in a text', {{ sql_text('{"a":"it\'s NaN,]"}') }}, {{ sql_text("it's NaN,]") }}),
    ('last zero', '{"a":1.10}', '1.10'),
    ('exponent', '{"b":2.50,"a" : -1.5E+3}', '-1.5E+3'),
    ('many digits', '{"a":0.12345678901234567890}', '0.12345678901234567890'),
    ('whole', '{"a":12345678901234567890}', '12345678901234567890'),
    ('minus nothing', '{"a":-0}', '-0'),
    ('true', '{"a":true}', 'true'),
    ('false', '{"a": false }', 'false'),
    ('spaces', {{ sql_text('\t{ "a"\n:\r1 } ') }}, '1'),
    ('other keys', '{"A":1,"ab":2,"b":{"a":3}}', null),
    ('further down first', '{"b":{"a":"in"},"a":"out"}', 'out'),
    ('twice', '{"a":1.0,"a":2.0}', '1.0'),
    ('key with escapes', {{ sql_text('{"\\u0061":"x"}') }}, 'x'),
    ('null', '{"a":null}', null),
    ('object', '{"a":{"b":1}}', null),
    ('list', '{"a":["x"]}', null),
    ('empty object', '{}', null),
    ('a list of objects', '[{"a":1}]', null),
    ('a text', '"a"', null),
    ('a number', '1', null),
    ('no value', 'null', null),
    ('empty', '', null),
    ('unknown', null::string, null),
    ('cut short', '{"a":"x","b":', null),
    ('not closed', '{"a":1', null),
    ('nothing but words', 'a=1', null),
    ('a value more', '{"a":1} {"a":2}', null),
    ('an object more', '{"a":1},{"a":2}', null),
    ('a key more', '{"a":1},"b":{"a":2}', null),
    ('a bracket more', '{"a":1}]', null),
    ('a brace more', '{"a":1}}', null),
    ('a word more', '{"a":1}x', null),
    ('a comment', '{"a":1}/* x */', null),
    ('a comma more', '{"a":1,}', null),
    ('a comma more in a list', '{"a":1,"b":[1, ]}', null),
    ('apostrophes', {{ sql_text("{'a':1}") }}, null),
    ('apostrophes further on', {{ sql_text('{"a":1,"b":\'x\'}') }}, null),
    ('bare key', '{a:1}', null),
    ('not a number', '{"a":NaN}', null),
    ('not a number further on', '{"a":1,"b":nan}', null),
    ('without end', '{"a":1,"b":-Infinity}', null),
    ('first zero', '{"a":01}', null),
    ('no first digit', '{"a":.5}', null),
    ('no last digit', '{"a":1.}', null),
    ('plus', '{"a":+1}', null),
    ('hexadecimal', '{"a":0x1F}', null),
    ('bare word', '{"a":True}', null),
    ('tab in a text', {{ sql_text('{"a":"x\ty"}') }}, null),
    ('line end in another text', {{ sql_text('{"a":"x","b":"\n"}') }}, null),
    ('unknown escape', {{ sql_text('{"a":"\\x"}') }}, null),
    ('half a character', {{ sql_text('{"a":"\\ud83d"}') }}, null),
    ('the other half', {{ sql_text('{"a":"\\ude00"}') }}, null),
    ('mark of the byte order', {{ sql_text('\ufeff{"a":1}') }}, null),
    ('space of another script', {{ sql_text('\u00a0{"a":1}') }}, null)

),

odd_keys (label, content, expected) as (

    values
    ('dot', {{ json_text("'{\"a\":{\"b\":1},\"a.b\":2.0,\"axb\":3}'", 'a.b') }}, '2.0'),
    ('dot alike', {{ json_text("'{\"axb\":1.0}'", 'a.b') }}, null),
    ('hyphen', {{ json_text("'{\"a-b\":\"x\"}'", 'a-b') }}, 'x'),
    ('underscore', {{ json_text("'{\"_\":1.0}'", '_') }}, '1.0'),
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
