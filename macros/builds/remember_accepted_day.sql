{% macro remember_accepted_day() -%}
    {#- To look for the table would begin a transaction that a hook does not end. -#}
    {%- if var('accept_quiet_day') -%}
        {%- set accepted = 'landing.accepted_days' -%}
        {%- do run_query('create schema if not exists landing') -%}
        {%- do run_query('create table if not exists ' ~ accepted ~ ' (day date)') -%}
        {%- do replace_table(
            accepted,
            'select day from ' ~ accepted ~ ' union select ' ~ as_of_date() ~ ' as day'
        ) -%}
    {%- endif -%}
{%- endmacro %}
