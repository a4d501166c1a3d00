{% macro kpi_measures() -%}
    {#- Name to type of what is counted or added up, as the columns of segment_kpis say. -#}
    {%- set measures = {} -%}
    {%- set node = graph.nodes.get('model.customer_segments.segment_kpis') if execute -%}
    {%- for column in (node.columns if node else {}).values()
        if column.data_type.startswith('bigint') or column.data_type.startswith('decimal') -%}
        {%- do measures.update({
            'left_count' if column.name == 'left' else column.name: column.data_type,
        }) -%}
    {%- endfor -%}
    {{ return(measures) }}
{%- endmacro %}
