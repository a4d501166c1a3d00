{% macro raw_table_query(source, shop_table) -%}
    {%- set files = var('landing_dir') ~ '/' ~ source.name ~ '/*.parquet' -%}
    {%- set found = {} -%}
    {%- if shop_table -%}
        {%- for column in run_query('describe select * from ' ~ shop_table).rows -%}
            {%- do found.update({column[0]: column[1]}) -%}
        {%- endfor -%}
        {%- set origin = shop_table -%}
    {%- elif run_query(
        'select count(*) from glob(' ~ sql_text(files) ~ ')'
    ).rows[0][0] > 0 -%}
        {#- What an earlier version landed has fewer columns. -#}
        {%- set origin = 'read_parquet(' ~ sql_text(files) ~ ', union_by_name = true)' -%}
        {%- for name in run_query('describe select * from ' ~ origin).columns[0] -%}
            {%- do found.update({name: none}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for name in source.config.meta.get('required', []) -%}
        {%- if origin and name not in found -%}
            {{ exceptions.raise_compiler_error(
                'raw_tables: ' ~ shop_table ~ ' stands in for ' ~ source.name
                ~ ' but has no column ' ~ name ~ '; it has '
                ~ (found | sort | join(', ')) ~ '. Add it in a view.'
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- set expressions = [] -%}
    {%- for column in source.columns.values() -%}
        {%- set expression = column.name if column.name in found else 'null' -%}
        {%- if shop_table and column.name in found
            and not raw_type_fits(found[column.name], column.data_type) -%}
            {{ exceptions.raise_compiler_error(
                'raw_tables: ' ~ shop_table ~ '.' ~ column.name ~ ' is '
                ~ found[column.name] ~ ' where ' ~ source.name ~ ' needs '
                ~ column.data_type ~ '. Cast it in a view, or export the table to '
                ~ 'files and load those: the loader keeps what does not convert.'
            ) }}
        {%- endif -%}
        {%- if shop_table and column.data_type == 'timestamp'
            and found.get(column.name, '').endswith('TIME ZONE') -%}
            {%- set expression = expression ~ " at time zone 'UTC'" -%}
        {%- endif -%}
        {%- do expressions.append(
            '(' ~ expression ~ ')::' ~ column.data_type ~ ' as ' ~ column.name
        ) -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ (expressions | join(', '))
        ~ (' from ' ~ origin if origin else ' where false')
    ) }}
{%- endmacro %}
