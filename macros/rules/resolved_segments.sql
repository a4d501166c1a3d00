{% macro resolved_segments(family_model=none) -%}
    {#- Segments of a family (or all), each with its rule resolved and measured. -#}
    {%- set resolved = [] -%}
    {%- if execute -%}
        {%- set language = rule_language() -%}
        {%- for segment in language.segments.values() -%}
            {%- if family_model is none or segment.model == family_model -%}
                {%- set rule = resolved_rule(segment.rule, segment.at, language) -%}
                {%- set conditions = rule_conditions(rule) -%}
                {%- if conditions | length > 50 -%}
                    {%- do rule_error(segment.at, conditions | length
                        ~ ' conditions; a rule takes at most 50') -%}
                {%- endif -%}
                {%- do resolved.append({
                    'name': segment.name,
                    'family': segment.family,
                    'text': segment.text,
                    'rule': rule,
                    'conditions': conditions,
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(resolved) }}
{%- endmacro %}
