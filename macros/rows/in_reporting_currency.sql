{% macro in_reporting_currency(amount) -%}
    case
        when minor_units = 1
            then round({{ amount }}::decimal(19, 4) * rate, 0)::decimal(18, 2)
        else round({{ amount }}::decimal(19, 4) * rate, 2)::decimal(18, 2)
    end
{%- endmacro %}
