{% macro completed_years(birth_date) -%}
    {%- set today = as_of_day() -%}
    {%- set age = '(' ~ today.year ~ ' - year(' ~ birth_date ~ ') - case when month('
        ~ birth_date ~ ') * 100 + day(' ~ birth_date ~ ') > '
        ~ (today.month * 100 + today.day) ~ ' then 1 else 0 end)' -%}
    case when {{ age }} between 0 and 120 then {{ age }} end::int
{%- endmacro %}
