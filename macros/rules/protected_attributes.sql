{% macro protected_attributes() -%}
    {%- set relation = load_relation(ref('protected_attributes')) -%}
    {%- if relation -%}
        {{ return(
            run_query('select attribute from ' ~ relation).columns[0].values() | list
        ) }}
    {%- elif flags.WHICH in ('build', 'run', 'test') -%}
        {{ exceptions.raise_compiler_error(
            'The seed protected_attributes is not in the database, so no rule can be '
            ~ 'trusted. Run dbt seed, or dbt build.'
        ) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}
