{% macro seed_rows(name) -%}
    {#- By the first column; empty while the seed is not in the database. -#}
    {%- set rows = {} -%}
    {%- set relation = load_relation(ref(name)) -%}
    {%- if relation -%}
        {%- set found = run_query('select * from ' ~ relation) -%}
        {%- for row in found.rows -%}
            {%- do rows.update({row[0]: dict(zip(found.column_names, row))}) -%}
        {%- endfor -%}
    {%- elif flags.WHICH in ('build', 'run', 'test') -%}
        {{ exceptions.raise_compiler_error(
            'The seed ' ~ name ~ ' is not in the database, so no audience can be '
            ~ 'trusted. Run dbt seed, or dbt build.'
        ) }}
    {%- endif -%}
    {{ return(rows) }}
{%- endmacro %}
