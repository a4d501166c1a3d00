{% macro told_columns(judged) -%}
    {#- Of a staging model: its raw table, the SQL of a row's own day, and of each optional
        column the SQL of whether it says something; `all_rows` always does. -#}
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
    {%- set day = {
        'timestamp': business_date('judged.' ~ time.name),
        'date': 'judged.' ~ time.name,
    }.get(time.data_type, 'null::date') -%}
    {{ return({'raw_table': name, 'day': day, 'columns': columns}) }}
{%- endmacro %}
