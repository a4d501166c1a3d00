{% macro rule_version(rule) -%}
    {#- The same on both engines, of which one writes backslashes twice. -#}
    {{ return(local_md5(modules.re.sub('\\\\+', '/', rule_sql(rule)))[:12]) }}
{%- endmacro %}
