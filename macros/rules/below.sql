{% macro below(at, step) -%}
    {{ return({
        'file': at.file,
        'segment': at.segment,
        'path': (at.path or 'rule') ~ step,
        'inside': at.inside,
    }) }}
{%- endmacro %}
