{% macro trait_registry() -%}
    {#- Kept for the invocation: each look at a node of the graph writes it out anew. -#}
    {%- if 'trait_registry' in graph -%}{{ return(graph.trait_registry) }}{%- endif -%}
    {%- set traits = {} -%}
    {%- for column in graph.nodes['model.customer_segments.customers'].columns.values() -%}
        {%- set trait = column.config.meta.get('trait') -%}
        {%- if trait -%}
            {%- do traits.update({column.name: dict(trait, **{
                'type': trait.get('kind') or column.data_type.split('(')[0],
                'data_type': column.data_type,
                'values': trait.get('values'),
                'derived_from': trait.get('derived_from', []),
                'explicit': trait.get('explicit', false),
            })}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do graph.update(trait_registry=traits) -%}
    {{ return(traits) }}
{%- endmacro %}
