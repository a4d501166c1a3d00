{% macro build_record() -%}
    {{ return(target.schema ~ '.build_record') }}
{%- endmacro %}
