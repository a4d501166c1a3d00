{% macro day_series(first_day, last_day) -%}
    {{ return(by_engine(
        duckdb='unnest(generate_series(' ~ first_day ~ ', ' ~ last_day
            ~ ', interval 1 day))::date',
        spark='explode(sequence(' ~ first_day ~ ', ' ~ last_day ~ ', interval 1 day))',
    )) }}
{%- endmacro %}
