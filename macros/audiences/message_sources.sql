{% macro message_sources() -%}
    {#- What may travel into a message, and the SQL that says it there. A trait may when
        the customer knows that we have it and it is not made of what is sensitive. -#}
    {%- set traits = trait_registry() -%}
    {%- set kept_back = protected_attributes() + ['birth_date'] -%}
    {%- for name, trait in traits.items() if trait.sensitivity == 'sensitive' -%}
        {%- do kept_back.append(name) -%}
    {%- endfor -%}
    {%- set sources = {'reason_en': 'reasons.reason_en', 'reason_ko': 'reasons.reason_ko'} -%}
    {%- for name, trait in traits.items() if trait.explicit
        and not trait_origins(name, traits) | select('in', kept_back) | list -%}
        {%- set column = 'customers.' ~ name -%}
        {%- do sources.update({
            name: shown_money(column) if trait.unit == 'money' else column ~ '::string'
        }) -%}
    {%- endfor -%}
    {%- set facts = graph.nodes['model.customer_segments.int_message_facts'].columns -%}
    {%- for column in facts.values() if column.config.meta.get('message') -%}
        {%- set shown = 'message_facts.' ~ column.name -%}
        {%- do sources.update({column.name:
            shown_money(shown) if column.config.meta.message == 'money' else shown
        }) -%}
    {%- endfor -%}
    {{ return(sources) }}
{%- endmacro %}
