{% macro trait_registry() -%}
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
    {{ return(traits) }}
{%- endmacro %}
