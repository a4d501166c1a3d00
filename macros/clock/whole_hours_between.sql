{% macro whole_hours_between(earlier, later) -%}
    {%- set span = '(' ~ later ~ ' - ' ~ earlier ~ ')' -%}
    {{ return(
        '(extract(day from ' ~ span ~ ') * 24 + extract(hour from ' ~ span ~ '))::bigint'
    ) }}
{%- endmacro %}
