{% macro month_ends_before(count) -%}
    {%- set listed = [] -%}
    {%- set month = namespace(first_day=as_of_day().replace(day=1)) -%}
    {%- for _ in range(count) -%}
        {%- set last_day = month.first_day - modules.datetime.timedelta(days=1) -%}
        {%- do listed.append("(date '" ~ last_day.isoformat() ~ "')") -%}
        {%- set month.first_day = last_day.replace(day=1) -%}
    {%- endfor -%}
    {{ return(listed | join(', ')) }}
{%- endmacro %}
