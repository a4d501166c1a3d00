{% macro test_words(test, value, subject, language) -%}
    {#- A test in English and Korean, with values and units as people write them. -#}
    {%- set told = language.tests[test] -%}
    {%- set many = told.takes in ('several', 'pair') -%}
    {%- set values = value if many else [value] -%}
    {%- set is_yes = (test == 'is') == value -%}
    {%- if subject.phrases and test in ('is', 'is_not') -%}
        {{ return(subject.phrases['yes' if is_yes else 'no']) }}
    {%- elif subject.type == 'boolean' and test in ('is', 'is_not') -%}
        {{ return({
            'en': subject.words.en ~ ': ' ~ ('yes' if is_yes else 'no'),
            'ko': subject.words.ko ~ ': ' ~ ('예' if is_yes else '아니요'),
        }) }}
    {%- endif -%}
    {%- set unit = unit_words(subject.unit, language) -%}
    {#- Nothing of what is counted, and so many days around an expected one. -#}
    {%- set counted = subject.words.ko if subject.type == 'count'
        else modules.re.sub(' ?횟수$| 수$', '', subject.words.ko) -%}
    {%- set awaited = subject.words.ko.removesuffix('까지 남은 일수') -%}
    {%- set way = 'said_of_none' if told.takes == 'truth' and value is false
        else 'said_of_a_day' if subject.type == 'date' and told.said_of_a_day
        else 'said_of_one' if told.said_of_one
            and values | length == (2 if test == 'between' else 1)
            and values[0] == values[-1]
        else 'said' -%}
    {%- set shown = {'en': [], 'ko': []} -%}
    {%- for spoken in shown -%}
        {%- for each in values -%}
            {%- do shown[spoken].append(value_words(each, subject, unit[spoken], spoken)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set said = {} -%}
    {%- for spoken, each in shown.items() -%}
        {%- do said.update({spoken: told[way][spoken].format(
            subject=subject.words[spoken],
            first=each[0],
            bare_first=each[0].removesuffix(unit.ko),
            last=each[-1],
            values=each | join(', ' if spoken == 'en' else '·'),
        )}) -%}
    {%- endfor -%}
    {#- A label that names the trait itself is not said twice: gender unknown. -#}
    {%- if test == 'is' and shown.ko[0].startswith(subject.words.ko) -%}
        {{ return({'en': shown.en[0], 'ko': shown.ko[0]}) }}
    {%- elif test == 'is' and shown.en[0].startswith(subject.words.en) -%}
        {%- do said.update({'en': shown.en[0]}) -%}
    {%- elif test == 'at_most' and value == 0
        and (subject.type == 'count' or counted != subject.words.ko) -%}
        {%- do said.update({'ko': counted ~ ' 없음'}) -%}
    {%- elif test == 'between' and awaited != subject.words.ko
        and value[1] > 0 and value[0] == -value[1] -%}
        {%- do said.update({'ko': awaited ~ ' 전후 ' ~ shown.ko[1]}) -%}
    {%- endif -%}
    {{ return(said) }}
{%- endmacro %}


{% macro value_words(value, subject, unit, spoken) -%}
    {%- if value is not number or value is boolean -%}
        {{ return((subject.labels.get(value) or {}).get(spoken, value) | string) }}
    {%- elif subject.unit == 'share' -%}
        {{ return(('%.6f' % (value * 100)).rstrip('0').rstrip('.') ~ unit) }}
    {%- endif -%}
    {%- set whole, point, part = (value | string).partition('.') -%}
    {{ return(modules.re.sub('\\B(?=(\\d{3})+(?!\\d))', ',', whole) ~ point ~ part ~ unit) }}
{%- endmacro %}


{% macro unit_words(unit, language) -%}
    {%- if unit == 'money' -%}
        {%- set currency = var('reporting_currency') -%}
        {{ return({
            'en': ' ' ~ currency, 'ko': '원' if currency == 'KRW' else ' ' ~ currency
        }) }}
    {%- endif -%}
    {{ return(language.units.get(unit, {'en': '', 'ko': ''})) }}
{%- endmacro %}


{% macro segment_words(segment) -%}
    {#- How a rule names a segment: `{en, ko}`. -#}
    {{ return({
        'en': 'in segment ‘' ~ segment.text.label.en ~ '’',
        'ko': '‘' ~ segment.text.label.ko ~ '’',
    }) }}
{%- endmacro %}


{% macro rule_words(rule, language, inside='') -%}
    {#- A sentence for people; `language` is en or ko. -#}
    {%- if 'group' not in rule -%}{{ return(rule.words[language]) }}{%- endif -%}
    {%- if rule.segment -%}
        {#- Left out is ‘a’, asked for is a customer who is ‘a’. -#}
        {{ return(
            rule.segment[language]
            ~ ('인 고객' if language == 'ko' and not rule.held and inside != 'none' else '')
        ) }}
    {%- endif -%}
    {%- set members = [] -%}
    {%- for member in rule.members -%}
        {%- do members.append(rule_words(member, language, rule.group)) -%}
    {%- endfor -%}
    {%- set joined = members | join({
        'en': {'all': ' and ', 'any': ' or ', 'none': ' or '},
        'ko': {'all': ', ', 'any': ' 또는 ', 'none': ' 또는 '},
    }[language][rule.group]) -%}
    {%- if rule.group == 'none' -%}
        {{ return(
            'not (' ~ joined ~ ')' if language == 'en'
            else joined ~ ' 제외' if members | length == 1
            else '(' ~ joined ~ ') 제외'
        ) }}
    {%- endif -%}
    {{ return(joined if not inside or members | length == 1 else '(' ~ joined ~ ')') }}
{%- endmacro %}


{% macro safe_reason(reason, test, value) -%}
    {#- What may be told to the customer: only that something is there, never its lack. -#}
    {%- set is_there = test == 'known' and value is true -%}
    {%- if test in ('is', 'in', 'has', 'has_any', 'has_all') -%}
        {%- set values = [value] if test in ('is', 'has') else value -%}
        {%- set is_there = not values | select('false') | list
            and not values | select('in', ['none', 'unknown']) | list -%}
    {%- elif test in ('at_least', 'above', 'between') -%}
        {#- A number that may be 0 says that there may be nothing; a day is there. -#}
        {%- set least = value[0] if test == 'between' else value -%}
        {%- set is_there = least is not number or least > 0
            or (test == 'above' and least == 0) -%}
    {%- endif -%}
    {{ return(reason if reason and is_there else none) }}
{%- endmacro %}
