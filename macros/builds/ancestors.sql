{% macro ancestors(unique_id, found) -%}
    {%- for parent in graph.nodes[unique_id].depends_on.nodes
        if parent in graph.nodes and parent not in found -%}
        {%- do found.append(parent) -%}
        {%- do ancestors(parent, found) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
