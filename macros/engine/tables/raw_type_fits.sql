{% macro raw_type_fits(found, wanted) -%}
    {%- set base = found.split('(')[0].upper() -%}
    {%- set whole = [
        'TINYINT', 'SMALLINT', 'INT', 'INTEGER', 'BIGINT',
        'UTINYINT', 'USMALLINT', 'UINTEGER',
    ] -%}
    {%- set fitting = {
        'string': ['STRING', 'CHAR', 'VARCHAR', 'UUID', 'ENUM', 'JSON'] + whole,
        'timestamp': ['TIMESTAMP', 'TIMESTAMP_NTZ', 'TIMESTAMP WITH TIME ZONE'],
        'date': ['DATE'],
        'decimal': ['DECIMAL'] + whole,
        'int': whole,
        'bigint': whole,
        'boolean': ['BOOLEAN'],
    } -%}
    {{ return(base in fitting[wanted.split('(')[0]]) }}
{%- endmacro %}
