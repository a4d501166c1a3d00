{% macro condition_texts(segments) -%}
    {%- set rows = [] -%}
    {%- for segment in segments -%}
        {%- for condition in outer_conditions(segment.rule) -%}
            {%- do rows.append('(' ~ [
                sql_text(segment.name ~ '_' ~ loop.index),
                sql_text(segment.name),
                loop.index,
                sql_text(rule_words(condition)),
            ] | join(', ') ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rows | join(',\n    ')) }}
{%- endmacro %}
