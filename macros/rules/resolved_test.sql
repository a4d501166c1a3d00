{% macro resolved_test(condition, own_keys, subject, at) -%}
    {%- set tests_of = {
        'string': ['is', 'is_not', 'in', 'not_in', 'known'],
        'boolean': ['is', 'is_not', 'in', 'not_in', 'known'],
        'int': ['at_least', 'at_most', 'above', 'below', 'between', 'known'],
        'date': ['at_least', 'at_most', 'above', 'below', 'between', 'known'],
        'list': ['has', 'has_any', 'has_all', 'known'],
        'count': ['at_least', 'at_most', 'above', 'below', 'between', 'known'],
    } -%}
    {%- do tests_of.update({
        'bigint': tests_of.int, 'decimal': tests_of.int, 'double': tests_of.int
    }) -%}
    {%- set allowed = tests_of[subject.type] -%}
    {%- set tests = condition.keys() | reject('in', own_keys) | list -%}
    {%- if tests | length != 1 -%}
        {%- do rule_error(at, 'one test is needed, of ' ~ allowed | join(', ') ~ '; found '
            ~ (tests | join(', ') or 'none')) -%}
    {%- endif -%}
    {%- set test = tests[0] -%}
    {%- if test not in allowed -%}
        {%- do rule_error(at, test ~ ' is no test for ' ~ subject.type ~ '; it takes '
            ~ allowed | join(', ')) -%}
    {%- endif -%}
    {%- set value = condition[test] -%}
    {%- set many = test in ('in', 'not_in', 'has_any', 'has_all', 'between') -%}
    {%- if many and (value is string or value is mapping or value is not iterable or not value) -%}
        {%- do rule_error(at, test ~ ' takes a list') -%}
    {%- endif -%}
    {%- if test == 'between' and value | length != 2 -%}
        {%- do rule_error(at, 'between takes [from, to]') -%}
    {%- endif -%}
    {%- set literal_type = {'list': 'string', 'count': 'int', 'bigint': 'int'}.get(
        subject.type, subject.data_type
    ) -%}
    {%- if test == 'known' -%}{%- set literal_type = 'boolean' -%}{%- endif -%}
    {%- set literals = [] -%}
    {%- for each in (value if many else [value]) -%}
        {%- set literal = sql_literal(each, literal_type) -%}
        {%- if literal is none -%}
            {%- do rule_error(at, test ~ ': ' ~ each ~ ' is no '
                ~ {'string': 'text (put it in quotes)', 'boolean': 'true or false',
                   'date': 'day written YYYY-MM-DD'}.get(
                    literal_type.split('(')[0], literal_type.split('(')[0] ~ ' number'
                )) -%}
        {%- endif -%}
        {%- if subject['values'] and literal_type == 'string' and each not in subject['values'] -%}
            {%- do rule_error(at, 'unknown value ' ~ each ~ '; '
                ~ nearest_names(each, subject['values'])) -%}
        {%- endif -%}
        {%- if subject.type == 'list' and test != 'known' and '|' in each -%}
            {%- do rule_error(at, test ~ ': ' ~ each ~ ' holds |, which separates values; '
                ~ 'write a list') -%}
        {%- endif -%}
        {%- do literals.append(literal) -%}
    {%- endfor -%}
    {%- set contained = [] -%}
    {%- for literal in literals if test.startswith('has') -%}
        {%- do contained.append("position('|' || " ~ literal ~ " || '|' in '|' || "
            ~ subject.sql ~ " || '|') > 0") -%}
    {%- endfor -%}
    {%- set sql = {
        'is': subject.sql ~ ' = ' ~ literals[0],
        'is_not': subject.sql ~ ' <> ' ~ literals[0],
        'in': subject.sql ~ ' in (' ~ literals | join(', ') ~ ')',
        'not_in': subject.sql ~ ' not in (' ~ literals | join(', ') ~ ')',
        'at_least': subject.sql ~ ' >= ' ~ literals[0],
        'at_most': subject.sql ~ ' <= ' ~ literals[0],
        'above': subject.sql ~ ' > ' ~ literals[0],
        'below': subject.sql ~ ' < ' ~ literals[0],
        'between': subject.sql ~ ' between ' ~ literals[0] ~ ' and ' ~ literals[-1],
        'known': subject.sql ~ ' is ' ~ ('not null' if value is true else 'null'),
        'has': contained | join,
        'has_any': '(' ~ contained | join(' or ') ~ ')',
        'has_all': '(' ~ contained | join(' and ') ~ ')',
    }[test] -%}
    {%- set words = test_words(test, value, subject) -%}
    {{ return({'sql': 'coalesce(' ~ sql ~ ', false)', 'words': words, 'test': test,
        'value': value}) }}
{%- endmacro %}
