{% macro held_for(condition, subject, fact, at) -%}
    {#- For how long something has been so: none when the condition does not ask. -#}
    {%- do refuse_unknown_keys(
        condition, [subject, 'for_days', 'entered_within_days'], at
    ) -%}
    {%- set column = 'rule_facts.' ~ fact.column -%}
    {%- set parts = [] -%}
    {#- In Korean what is said before the state, and after it. -#}
    {%- set words = {'en': '', 'ko': ['', '']} -%}
    {%- if 'for_days' in condition -%}
        {%- set days = whole_days('for_days', condition.for_days, at) -%}
        {%- do parts.append('coalesce(' ~ column ~ ' >= ' ~ days ~ ', false)') -%}
        {%- do words.update({
            'en': ' for ' ~ days ~ ' days or more',
            'ko': ['', ' ' ~ days ~ '일 이상 유지'],
        }) -%}
    {%- endif -%}
    {%- if 'entered_within_days' in condition -%}
        {%- set days = whole_days('entered_within_days', condition.entered_within_days, at) -%}
        {%- do parts.append('coalesce(' ~ column ~ ' <= ' ~ days ~ ', false)') -%}
        {%- do words.update({
            'en': words.en ~ ', since within the last ' ~ days ~ ' days',
            'ko': ['최근 ' ~ days ~ '일 안에 ', words.ko[1]],
        }) -%}
    {%- endif -%}
    {%- if not parts -%}{{ return(none) }}{%- endif -%}
    {{ return({'sql': parts | join(' and '), 'facts': [fact], 'words': words}) }}
{%- endmacro %}
