{% macro condition_columns(segments) -%}
    {#- For each outer condition: whether it is met, what was observed, and in how many
        days it stops being met by time alone. -#}
    {%- set columns = [] -%}
    {%- for segment in segments -%}
        {%- for condition in outer_conditions(segment.rule) -%}
            {%- set name = segment.name ~ '_' ~ loop.index -%}
            {%- do columns.extend([
                rule_sql(condition) ~ ' as ' ~ name,
                (condition.observed or 'null') ~ '::string as ' ~ name ~ '_value',
                days_until_unmet(condition) ~ '::int as ' ~ name ~ '_days',
            ]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}
