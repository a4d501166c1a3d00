{% macro shown_audiences() -%}
    {{ return(target.schema ~ '.shown_audience_syncs') }}
{%- endmacro %}
