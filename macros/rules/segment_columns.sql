{% macro segment_columns(segments) -%}
    {%- set columns = [] -%}
    {%- for segment in segments -%}
        {%- do columns.append(rule_sql(segment.rule) ~ ' as ' ~ segment.name) -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}
