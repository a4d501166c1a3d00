{% macro offer_history() -%}
    {%- set runs = recorded_relation('segment_runs') -%}
    {%- if runs and run_query(
        'select count(*) as run_count from ' ~ runs ~ ' where is_in_force'
    ).rows[0].run_count == 1 -%}
        {%- do print(
            'One day is recorded. Who was in which segment on the 90 days before it, from '
            ~ 'the rows that are loaded: make backfill'
        ) -%}
    {%- endif -%}
{%- endmacro %}
