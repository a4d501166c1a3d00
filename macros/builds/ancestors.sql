{% macro ancestors(unique_id, found) -%}
    {#- Each look at a node of the graph writes it out anew: parents are kept. -#}
    {%- set parents = graph.setdefault('parents', {}) -%}
    {%- if unique_id not in parents -%}
        {%- do parents.update({unique_id: graph.nodes[unique_id].depends_on.nodes}) -%}
    {%- endif -%}
    {%- for parent in parents[unique_id] if parent not in found
        and parent.split('.')[0] in ('model', 'seed') -%}
        {%- do found.append(parent) -%}
        {%- do ancestors(parent, found) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
