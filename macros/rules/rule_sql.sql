{% macro rule_sql(rule) -%}
    {%- if 'group' not in rule -%}{{ return(rule.sql) }}{%- endif -%}
    {%- set members = [] -%}
    {%- for member in rule.members -%}
        {%- do members.append(rule_sql(member)) -%}
    {%- endfor -%}
    {%- set joined = '(' ~ members | join(' and ' if rule.group == 'all' else ' or ') ~ ')' -%}
    {{ return('not ' ~ joined if rule.group == 'none' else joined) }}
{%- endmacro %}
