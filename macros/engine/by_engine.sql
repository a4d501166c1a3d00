{% macro by_engine(duckdb, spark) -%}
    {%- set renderings = {'duckdb': duckdb, 'spark': spark} -%}
    {%- if target.type not in renderings -%}
        {{ exceptions.raise_compiler_error(
            'Target ' ~ target.name ~ ' is of type ' ~ target.type
            ~ '; macros/engine/ knows duckdb and spark.'
        ) }}
    {%- endif -%}
    {{ return(renderings[target.type]) }}
{%- endmacro %}
