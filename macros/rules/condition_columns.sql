{% macro condition_columns(segments) -%}
    {%- set columns = [] -%}
    {%- for segment in segments -%}
        {%- for condition in outer_conditions(segment.rule) -%}
            {%- do columns.append(
                rule_sql(condition) ~ ' as ' ~ segment.name ~ '_' ~ loop.index
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}
