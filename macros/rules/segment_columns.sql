{% macro segment_columns(segments) -%}
    {%- for segment in segments -%}
        ,
        {{ rule_sql(segment.rule) }} as {{ segment.name }}
    {%- endfor -%}
{%- endmacro %}
