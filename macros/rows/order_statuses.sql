{% macro order_statuses() -%}
    {{ return(['pending', 'paid', 'shipped', 'delivered', 'returned', 'cancelled']) }}
{%- endmacro %}
