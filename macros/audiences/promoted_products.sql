{% macro promoted_products(cool_down) -%}
    {%- set parts = [] -%}
    {%- if cool_down.get('product_ids') -%}
        {%- do parts.append('product_id in ' ~ sql_list(cool_down.product_ids)) -%}
    {%- endif -%}
    {%- if cool_down.get('categories') -%}
        {%- do parts.append('category in ' ~ sql_list(cool_down.categories)) -%}
    {%- endif -%}
    {{ return('(' ~ (parts | join(' or ') or 'true') ~ ')') }}
{%- endmacro %}
