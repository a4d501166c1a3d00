{% macro trait_registry() -%}
    {%- set traits = {} -%}
    {%- for column in graph.nodes['model.customer_segments.customers'].columns.values() -%}
        {%- set trait = column.config.meta.get('trait') -%}
        {%- if trait -%}
            {%- do traits.update({column.name: {
                'type': trait.get('kind') or column.data_type.split('(')[0],
                'data_type': column.data_type,
                'label': trait.label,
                'values': trait.get('values'),
                'derived_from': trait.get('derived_from', []),
            }}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(traits) }}
{%- endmacro %}
