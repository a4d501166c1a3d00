{% macro condition_names(segments) -%}
    {%- set names = [] -%}
    {%- for segment in segments -%}
        {%- for condition in outer_conditions(segment.rule) -%}
            {%- do names.append(segment.name ~ '_' ~ loop.index) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
