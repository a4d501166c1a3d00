{% macro rule_words(rule, outermost=true) -%}
    {%- if 'group' not in rule -%}{{ return(rule.words) }}{%- endif -%}
    {%- if rule.segment -%}{{ return('in segment ' ~ rule.segment) }}{%- endif -%}
    {%- set members = [] -%}
    {%- for member in rule.members -%}
        {%- do members.append(rule_words(member, false)) -%}
    {%- endfor -%}
    {%- set joined = members | join(' and ' if rule.group == 'all' else ' or ') -%}
    {%- if rule.group == 'none' -%}
        {{ return('not (' ~ joined ~ ')') }}
    {%- endif -%}
    {{ return(joined if outermost or members | length == 1 else '(' ~ joined ~ ')') }}
{%- endmacro %}
