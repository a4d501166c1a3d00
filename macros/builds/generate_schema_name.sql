{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return(default__generate_schema_name(
        'intermediate' if node.name.startswith('int_') else custom_schema_name, node
    )) }}
{%- endmacro %}
