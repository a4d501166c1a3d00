{% macro rule_language() -%}
    {{ return({
        'traits': trait_registry(),
        'events': event_registry(),
        'segments': segment_definitions(),
        'protected': protected_attributes(),
        'labels': value_labels(),
    }) }}
{%- endmacro %}
