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
