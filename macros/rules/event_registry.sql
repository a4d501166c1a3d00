{% macro event_registry() -%}
    {#- Event name to the column of customer_days that counts it. -#}
    {%- set events = {} -%}
    {%- for column in
        graph.nodes['model.customer_segments.customer_days'].columns.values() -%}
        {%- if column.config.meta.get('event') -%}
            {%- do events.update({column.config.meta.event: column.name}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(events) }}
{%- endmacro %}
