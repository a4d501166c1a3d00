{% macro hours_between(earlier, later) -%}
    {%- set span = '(' ~ later ~ ' - ' ~ earlier ~ ')' -%}
    {{ return(
        '(extract(day from ' ~ span ~ ') * 24 + extract(hour from ' ~ span
        ~ ') + extract(minute from ' ~ span ~ ') / 60 + extract(second from ' ~ span
        ~ ') / 3600)::double'
    ) }}
{%- endmacro %}
