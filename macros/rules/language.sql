{% macro rule_language(grain='customer') -%}
    {#- What rules of a grain may speak of, and what was found wrong in them. Kept for the
        invocation: each look at a node of the graph writes it out anew. -#}
    {%- set kept = graph.setdefault('rule_languages', {}) -%}
    {%- if grain not in kept -%}
        {%- set told = language_data() -%}
        {%- set language = dict(
            told,
            grain=told.grains[grain],
            traits=trait_registry(told.grains[grain].profile),
            events=event_registry(told.grains[grain].days),
            rules={},
            faults=[],
        ) -%}
        {%- do language.update(segments=segment_definitions(grain, language)) -%}
        {%- do kept.update({grain: language}) -%}
    {%- endif -%}
    {{ return(kept[grain]) }}
{%- endmacro %}


{% macro language_data() -%}
    {%- if 'language_data' not in graph -%}
        {%- do graph.update(language_data=graph.sources[
            'source.customer_segments.segment_rules.language'
        ].config.meta) -%}
    {%- endif -%}
    {{ return(graph.language_data) }}
{%- endmacro %}


{% macro protected_attributes() -%}
    {{ return(language_data().protected.keys() | list if execute else []) }}
{%- endmacro %}


{% macro trait_registry(profile='customers') -%}
    {%- set kept = graph.setdefault('trait_registries', {}) -%}
    {%- if profile not in kept -%}
        {%- set traits = {} -%}
        {%- set columns = graph.nodes['model.customer_segments.' ~ profile].columns -%}
        {%- for column in columns.values() -%}
            {%- set trait = column.config.meta.get('trait') -%}
            {%- if trait -%}
                {%- set values = trait.get('values') or {} -%}
                {%- set named = columns[trait.labels_of].config.meta.trait
                    if trait.labels_of else trait -%}
                {%- do traits.update({column.name: dict(trait, **{
                    'type': trait.get('kind') or column.data_type.split('(')[0],
                    'data_type': column.data_type,
                    'values': values.keys() | list,
                    'labels': values or named.get('labels') or {},
                    'is_region': trait.get('is_region', false),
                    'derived_from': trait.get('derived_from', []),
                    'explicit': trait.get('explicit', false),
                    'needs': column_needs(column),
                    'needs_days': trait.get('needs_days'),
                    'pii': column.config.meta.get('pii'),
                })}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do kept.update({profile: traits}) -%}
    {%- endif -%}
    {{ return(kept[profile]) }}
{%- endmacro %}


{% macro trait_origins(name, traits) -%}
    {%- set origins = [name] -%}
    {#- The list grows while it is read, as Python lists may. -#}
    {%- for origin in origins -%}
        {%- for further in (traits.get(origin) or {}).get('derived_from', [])
            if further not in origins -%}
            {%- do origins.append(further) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(origins) }}
{%- endmacro %}


{% macro event_registry(days='customer_days') -%}
    {#- Event name to what is known of it and the column that counts it a day. -#}
    {%- set kept = graph.setdefault('event_registries', {}) -%}
    {%- if days not in kept -%}
        {%- set events = {} -%}
        {%- for column in
            graph.nodes['model.customer_segments.' ~ days].columns.values() -%}
            {%- set event = column.config.meta.get('event') -%}
            {%- if event -%}
                {%- do events.update({event.name: dict(
                    event,
                    column=column.name,
                    needs=['orders' if event.name == 'purchase' else 'events'],
                )}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do kept.update({days: events}) -%}
    {%- endif -%}
    {{ return(kept[days]) }}
{%- endmacro %}
