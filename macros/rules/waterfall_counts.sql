{% macro waterfall_counts(segments) -%}
    {#- For each outer condition: who meets it and all before it, and who meets it alone. -#}
    {%- set columns = [] -%}
    {%- for segment in segments -%}
        {%- set before = [] -%}
        {%- for condition in outer_conditions(segment.rule) -%}
            {%- set name = segment.name ~ '_' ~ loop.index -%}
            {%- do before.append(rule_sql(condition)) -%}
            {%- do columns.extend([
                'sum(case when ' ~ before | join(' and ') ~ ' then 1 else 0 end) as ' ~ name,
                'sum(case when ' ~ before[-1] ~ ' then 1 else 0 end) as ' ~ name ~ '_alone',
            ]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}
