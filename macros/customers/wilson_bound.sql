{% macro wilson_bound(hits, total, sign) -%}
    {#- z of 95 % #}
    {%- set z = 1.959963984540054 -%}
    case
        when {{ total }} > 0
            then (
                {{ hits }}::double / {{ total }} + {{ z * z }} / (2 * {{ total }})
                {{ sign }} {{ z }} * sqrt(
                    {{ hits }}::double * ({{ total }} - {{ hits }})
                    / power({{ total }}, 3)
                    + {{ z * z }} / (4 * power({{ total }}, 2))
                )
            ) / (1 + {{ z * z }} / {{ total }})
    end::decimal(7, 4)
{%- endmacro %}
