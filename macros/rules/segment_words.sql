{% macro segment_words(segment) -%}
    {#- How a rule names a segment: `{en, ko}`. -#}
    {{ return({
        'en': 'in segment ‘' ~ segment.text.label.en ~ '’',
        'ko': '‘' ~ segment.text.label.ko ~ '’',
    }) }}
{%- endmacro %}
