{% macro event_registry() -%}
    {#- Event name to what is known of it and the column of customer_days that counts it. -#}
    {%- if 'event_registry' in graph -%}{{ return(graph.event_registry) }}{%- endif -%}
    {%- set events = {} -%}
    {%- for column in
        graph.nodes['model.customer_segments.customer_days'].columns.values() -%}
        {%- set event = column.config.meta.get('event') -%}
        {%- if event -%}
            {%- do events.update({event.name: dict(event, column=column.name)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do graph.update(event_registry=events) -%}
    {{ return(events) }}
{%- endmacro %}
