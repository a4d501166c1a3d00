-- Spaces of every script go, letters are lowered one by one, and what is special to one
-- engine (backslash, apostrophe, dollar, a last line's end) is a character like others.
with

cases (label, content, expected) as (

    values
    ('blank', {{ trimmed("'  a b '") }}, 'a b'),
    ('ideographic space', {{ trimmed(sql_text('\u3000가 나\u00a0')) }}, '가 나'),
    ('tab stays', {{ trimmed(sql_text('\ta')) }}, {{ sql_text('\ta') }}),
    ('nothing left', {{ trimmed("'   '") }}, ''),
    ('unknown', {{ trimmed('null::string') }}, null),
    ('capitals', {{ lowered("'Kim ÄÖ'") }}, 'kim äö'),
    ('dotted capital', {{ lowered("'İS'") }}, 'is'),
    ('dots and an i', {{ lowered(sql_text('I\u0307ı')) }}, {{ sql_text('i\u0307ı') }}),
    ('last sigma', {{ lowered("'ΟΔΟΣ'") }}, 'οδοσ'),
    ('no case', {{ lowered("'김철수'") }}, '김철수'),
    ('apostrophe', {{ sql_text("o'brien") }}, 'o' || {{ sql_text("'") }} || 'brien'),
    ('backslash', left({{ sql_text('\\n') }}, 2), {{ sql_text('\\') }} || 'n'),
    ('dollar', {{ sql_text('${a}') }}, '$' || '{' || 'a' || '}'),
    ('group', {{ replace_all("'a1b2'", '([0-9])', '<\\1>') }}, 'a<1>b<2>'),
    ('dollar put in', {{ replace_all("'a'", 'a', '') }} || '$1', '$1')

),

patterns (label, is_match, is_expected) as (

    values
    ('end', {{ matches("'ab'", 'b$') }}, true),
    ('line end', {{ matches(sql_text('ab\n'), 'b$') }}, false),
    ('a dollar', {{ matches("'a$'", 'a\\$') }}, true),
    ('upper case', {{ matches("'Ab'", '^ab$') }}, false),
    ('range', {{ matches("'김'", '^[\\x{AC00}-\\x{D7A3}]$') }}, true),
    ('out of range', {{ matches("'山'", '^[\\x{AC00}-\\x{D7A3}]$') }}, false),
    ('nothing', {{ matches("''", '^[0-9]*$') }}, false),
    ('unknown', {{ matches('null::string', 'a') }}, null)

),

wrong as (

    select
        label,
        content
    from cases
    where content is distinct from expected

    union all

    select
        label,
        is_match::string as content
    from patterns
    where is_match is distinct from is_expected

)

select *
from wrong
