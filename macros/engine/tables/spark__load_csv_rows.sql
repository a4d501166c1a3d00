{% macro spark__load_csv_rows(model, agate_table) -%}
    {#- Instead of dbt-spark's own, which by `method: session` quotes no apostrophe and
        writes the word None for nothing. -#}
    {%- set types = model.config.column_types -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set values = [] -%}
        {%- for name in agate_table.column_names -%}
            {%- do values.append(
                ('null' if row[name] is none else sql_text(row[name])) ~ '::' ~ types[name]
            ) -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ (values | join(', ')) ~ ')') -%}
    {%- endfor -%}
    {%- set sql = 'insert into ' ~ this ~ ' values ' ~ (rows | join(', ')) -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
