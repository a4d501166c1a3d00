{% macro rule_words(rule, language, outermost=true) -%}
    {#- A sentence for people; `language` is en or ko. -#}
    {%- if 'group' not in rule -%}{{ return(rule.words[language]) }}{%- endif -%}
    {%- if rule.segment -%}
        {{ return(
            'in segment ‘' ~ rule.segment.en ~ '’' if language == 'en'
            else '‘' ~ rule.segment.ko ~ '’에 해당'
        ) }}
    {%- endif -%}
    {%- set members = [] -%}
    {%- for member in rule.members -%}
        {%- do members.append(rule_words(member, language, false)) -%}
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
    {{ return(joined if outermost or members | length == 1 else '(' ~ joined ~ ')') }}
{%- endmacro %}
