{% macro age_band(age) -%}
    case
        when {{ age }} is null
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
