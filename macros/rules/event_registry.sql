{% macro event_registry() -%}
    {#- Event name to what is known of it and the column of customer_days that counts it. -#}
    {%- set events = {} -%}
    {%- for column in
        graph.nodes['model.customer_segments.customer_days'].columns.values() -%}
        {%- set event = column.config.meta.get('event') -%}
        {%- if event -%}
            {%- do events.update({event.name: dict(event, column=column.name)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(events) }}
{%- endmacro %}
