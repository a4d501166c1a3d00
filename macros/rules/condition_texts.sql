{% macro condition_texts(segments) -%}
    {#- What is said of each outer condition, a row of a values list each. -#}
    {%- set rows = [] -%}
    {%- for segment in segments -%}
        {%- for condition in outer_conditions(segment.rule) -%}
            {%- set threshold = condition.value -%}
            {%- if threshold is not string and threshold is iterable -%}
                {%- set threshold = threshold | join(', ') -%}
            {%- endif -%}
            {%- set reason = condition.reason or {} -%}
            {%- do rows.append('(' ~ [
                sql_text(segment.name ~ '_' ~ loop.index),
                sql_text(segment.name),
                loop.index,
                sql_text(rule_words(condition, 'en')),
                sql_text(rule_words(condition, 'ko')),
                sql_text(condition.test or ''),
                sql_text(threshold | lower if threshold is boolean else threshold)
                    if condition.test else "''",
                sql_text(reason.en or ''),
                sql_text(reason.ko or ''),
            ] | join(', ') ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rows | join(',\n    ')) }}
{%- endmacro %}
