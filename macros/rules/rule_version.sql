{% macro rule_version(rule) -%}
    {{ return(local_md5(rule_sql(rule))[:12]) }}
{%- endmacro %}
