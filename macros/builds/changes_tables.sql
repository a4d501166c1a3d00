{% macro changes_tables() -%}
    {#- `dbt compile` and `dbt docs` render the hooks of a run as well. -#}
    {{ return(execute and flags.WHICH in ('build', 'run', 'seed', 'snapshot', 'clone')) }}
{%- endmacro %}
