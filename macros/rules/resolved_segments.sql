{% macro resolved_segments(family_model=none) -%}
    {#- Segments of a family (or all), each with its rule resolved and measured: once an
        invocation, which has a graph of its own; where that is not kept, only slower.
        Asked of the database while compiling, so the seeds must be there before. -#}
    {%- do [ref('protected_attributes'), ref('labels')] -%}
    {%- set resolved = [] -%}
    {%- if execute -%}
        {%- set language = graph.get('rule_language') or rule_language() -%}
        {%- set known = graph.get('resolved_segments', {}) -%}
        {%- for segment in language.segments.values()
            if family_model is none or segment.model == family_model -%}
            {%- if segment.name not in known -%}
                {%- set rule = resolved_segment(segment, [], language) -%}
                {%- set conditions = rule_conditions(rule) -%}
                {%- if conditions | length > 50 -%}
                    {%- do rule_error(segment.at, conditions | length
                        ~ ' conditions; a rule takes at most 50') -%}
                {%- endif -%}
                {%- for condition in conditions
                    if segment.text.explicit_signals_only and not condition.is_explicit -%}
                    {%- do rule_error(segment.at, condition.subject ~ ' is watched or '
                        ~ 'inferred; with explicit_signals_only a rule asks only for what '
                        ~ 'customers gave or did to be remembered') -%}
                {%- endfor -%}
                {%- do known.update({segment.name: dict(segment, rule=rule)}) -%}
            {%- endif -%}
            {%- do resolved.append(known[segment.name]) -%}
        {%- endfor -%}
        {%- do graph.update(rule_language=language, resolved_segments=known) -%}
    {%- endif -%}
    {{ return(resolved) }}
{%- endmacro %}
