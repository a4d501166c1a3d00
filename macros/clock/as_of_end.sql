{% macro as_of_end() -%}
    {%- set next_day = as_of_day() + modules.datetime.timedelta(days=1) -%}
    {%- set zone = modules.pytz.timezone(var('business_timezone')) -%}
    {%- set midnight = modules.datetime.datetime(
        next_day.year, next_day.month, next_day.day
    ) -%}
    {%- set end = zone.localize(midnight).astimezone(modules.pytz.utc) -%}
    timestamp '{{ end.strftime('%Y-%m-%d %H:%M:%S') }}'
{%- endmacro %}
