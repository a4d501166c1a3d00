{% macro age_band(birth_date) -%}
    {%- set today = as_of_day() -%}
    {%- set age = '(' ~ today.year ~ ' - year(' ~ birth_date ~ ') - case when month('
        ~ birth_date ~ ') * 100 + day(' ~ birth_date ~ ') > '
        ~ (today.month * 100 + today.day) ~ ' then 1 else 0 end)' -%}
    case
        when {{ birth_date }} is null or {{ age }} not between 0 and 120
            then 'unknown'
        when {{ age }} < 14
            then 'under_14'
        when {{ age }} < 20
            then '10s'
        when {{ age }} < 30
            then '20s'
        when {{ age }} < 40
            then '30s'
        when {{ age }} < 50
            then '40s'
        else '50_plus'
    end
{%- endmacro %}
