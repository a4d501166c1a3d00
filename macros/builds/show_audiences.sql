{% macro show_audiences() -%}
    {%- do replace_table(
        shown_audiences(),
        'select * from '
        ~ graph.nodes['model.customer_segments.int_audience_syncs'].relation_name
    ) -%}
{%- endmacro %}
