{% macro show_audiences() -%}
    {%- do replace_table(
        shown_audiences(), 'select * from ' ~ target.schema ~ '.audience_syncs'
    ) -%}
{%- endmacro %}
