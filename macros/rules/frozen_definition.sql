{% macro frozen_definition(definition) -%}
    {#- The cohort beside the rolling segment: who was in it at the end of that day. -#}
    {%- set day = definition.text.freeze | string -%}
    {%- if sql_literal(day, 'date') is none -%}
        {%- do rule_error(definition.at, 'freeze: ' ~ day ~ ' is no day written YYYY-MM-DD') -%}
    {%- endif -%}
    {%- set name = definition.name ~ '_' ~ day.replace('-', '') -%}
    {%- set label = definition.text.label -%}
    {{ return({name: dict(definition, **{
        'name': name,
        'frozen_of': definition.name,
        'frozen_on': day,
        'text': dict(definition.text, parent=none, freeze=none, label={
            'en': label.en ~ ' (on ' ~ day ~ ')',
            'ko': label.ko ~ '(' ~ day ~ ' 기준)',
        }),
    })}) }}
{%- endmacro %}
