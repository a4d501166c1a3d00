{% macro known_relation(schema, name) -%}
    {#- DuckDB finds nothing without a database; Spark has none, and none is given then. -#}
    {{ return(load_relation(api.Relation.create(
        database=target.database, schema=schema, identifier=name
    ))) }}
{%- endmacro %}
