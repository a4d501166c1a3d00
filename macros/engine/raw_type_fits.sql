{% macro raw_type_fits(found, wanted) -%}
    {%- set base = found.split('(')[0].upper() -%}
    {%- set whole = [
        'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER'
    ] -%}
    {%- set fitting = {
        'string': ['VARCHAR', 'UUID', 'ENUM', 'JSON'] + whole,
        'timestamp': ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'],
        'date': ['DATE'],
        'decimal': ['DECIMAL'] + whole,
        'int': whole,
        'bigint': whole,
        'boolean': ['BOOLEAN'],
    } -%}
    {{ return(base in fitting[wanted.split('(')[0]]) }}
{%- endmacro %}
