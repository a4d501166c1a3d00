{% macro told_columns(judged) -%}
    {#- Of a staging model: its raw table, a row's own time, the SQL of the days of the
        first and the last, and of each optional column the SQL of whether it says
        something; `all_rows` always does. -#}
    {%- set name = judged.identifier.removeprefix('stg_') -%}
    {%- set columns = [{'name': 'all_rows', 'told': 'true'}] -%}
    {%- set source = graph.sources['source.customer_segments.raw.' ~ name] if execute
        else {'columns': {}, 'config': {'meta': {'required': []}}} -%}
    {%- set meta = source.config.meta -%}
    {%- for column in source.columns.values()
        if column.name not in meta.required + ['loaded_at', 'source_file', 'source_row'] -%}
        {%- do columns.append({
            'name': column.name,
            'told': 'judged.' ~ column.name
                ~ (" <> ''" if column.data_type == 'string' else ' is not null'),
        }) -%}
    {%- endfor -%}
    {%- set time = source.columns.get(meta.own_time) or {} -%}
    {%- set days = [] -%}
    {%- for found in ['first_at', 'last_at'] -%}
        {%- do days.append(
            business_date(found) if time.data_type == 'timestamp' else found ~ '::date'
        ) -%}
    {%- endfor -%}
    {{ return({
        'raw_table': name,
        'time': 'judged.' ~ time.name if time.data_type in ('timestamp', 'date')
            else 'null::date',
        'days': days,
        'columns': columns,
    }) }}
{%- endmacro %}
