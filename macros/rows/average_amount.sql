{% macro average_amount(amount, parts) -%}
    (
        round({{ amount }}::decimal(28, 2) * reporting_currency.minor_units / {{ parts }}, 0)
        / reporting_currency.minor_units
    )::decimal(18, 2)
{%- endmacro %}
