{% macro test_words(test, value, subject) -%}
    {#- A test in English and Korean, with values and units as people write them. -#}
    {%- set many = test in ('in', 'not_in', 'has_any', 'has_all', 'between') -%}
    {%- set told = {'en': [], 'ko': []} -%}
    {%- for language in ('en', 'ko') -%}
        {%- for each in (value if many else [value]) -%}
            {%- set unit = unit_words(subject.unit)[language] -%}
            {%- if subject.unit == 'share' and each is number -%}
                {%- set text = ('%.6f' % (each * 100)).rstrip('0').rstrip('.') ~ unit -%}
            {%- elif each is number and each is not boolean -%}
                {%- set whole, point, part = (each | string).partition('.') -%}
                {%- set text = modules.re.sub('\\B(?=(\\d{3})+(?!\\d))', ',', whole)
                    ~ point ~ part ~ unit -%}
            {%- else -%}
                {%- set text = (subject.labels.get(each) or {}).get(language, each) -%}
            {%- endif -%}
            {%- do told[language].append(text | string) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set en = told.en -%}
    {%- set ko = told.ko -%}
    {%- if subject.phrases and test in ('is', 'is_not') -%}
        {{ return(subject.phrases['yes' if (test == 'is') == value else 'no']) }}
    {%- elif subject.type == 'boolean' and test in ('is', 'is_not') -%}
        {%- set yes = (test == 'is') == value -%}
        {{ return({
            'en': subject.words.en ~ ': ' ~ ('yes' if yes else 'no'),
            'ko': subject.words.ko ~ ': ' ~ ('예' if yes else '아니요'),
        }) }}
    {%- endif -%}
    {#- A label that names the trait itself is not said twice: gender unknown. -#}
    {%- if test == 'is' and ko[0].startswith(subject.words.ko) -%}
        {{ return({'en': en[0], 'ko': ko[0]}) }}
    {%- endif -%}
    {%- set is_said = test == 'is' and en[0].startswith(subject.words.en) -%}
    {#- Nothing of what is counted, and so many days around an expected one. -#}
    {%- set counted = subject.words.ko if subject.type == 'count'
        else modules.re.sub(' ?횟수$| 수$', '', subject.words.ko) -%}
    {%- set is_none = test == 'at_most' and value == 0
        and (subject.type == 'count' or counted != subject.words.ko) -%}
    {%- set awaited = subject.words.ko.removesuffix('까지 남은 일수') -%}
    {%- set is_around = test == 'between' and awaited != subject.words.ko
        and value[1] > 0 and value[0] == -value[1] -%}
    {%- set is_one = test == 'between' and value[0] == value[1] -%}
    {%- set is_day = subject.type == 'date' -%}
    {{ return({
        'en': en[0] if is_said else subject.words.en ~ {
            'is': ' is ' ~ en[0],
            'is_not': ' is not ' ~ en[0],
            'in': ' is one of ' ~ en | join(', '),
            'not_in': ' is none of ' ~ en | join(', '),
            'at_least': ' at least ' ~ en[0],
            'at_most': ' at most ' ~ en[0],
            'above': ' above ' ~ en[0],
            'below': ' below ' ~ en[0],
            'between': ' is ' ~ en[0] if is_one else ' between ' ~ en | join(' and '),
            'known': ' is known' if value is true else ' is not known',
            'has': ' has ' ~ en[0],
            'has_any': ' has any of ' ~ en | join(', '),
            'has_all': ' has all of ' ~ en | join(', '),
        }[test],
        'ko': counted ~ ' 없음' if is_none
            else awaited ~ ' 전후 ' ~ ko[1] if is_around
            else subject.words.ko ~ {
            'is': ': ' ~ ko[0],
            'is_not': ': ' ~ ko[0] ~ ' 아님',
            'in': ' ' ~ ko | join('·') ~ (' 중 하나' if ko | length > 1 else ''),
            'not_in': ' ' ~ ko | join('·') ~ ' 제외',
            'at_least': ' ' ~ ko[0] ~ (' 이후(당일 포함)' if is_day else ' 이상'),
            'at_most': ' ' ~ ko[0] ~ (' 이전(당일 포함)' if is_day else ' 이하'),
            'above': ' ' ~ ko[0] ~ (' 이후(당일 제외)' if is_day else ' 초과'),
            'below': ' ' ~ ko[0] ~ (' 이전(당일 제외)' if is_day else ' 미만'),
            'between': ' ' ~ (ko[0] if is_one
                else (ko[0] | string).removesuffix(unit_words(subject.unit).ko) ~ '~' ~ ko[-1]),
            'known': ' 있음' if value is true else ' 없음',
            'has': '에 ' ~ ko[0] ~ ' 포함',
            'has_any': '에 ' ~ ko | join('·') ~ ' 중 하나 이상 포함',
            'has_all': '에 ' ~ ko | join('·') ~ ' 모두 포함',
        }[test],
    }) }}
{%- endmacro %}
