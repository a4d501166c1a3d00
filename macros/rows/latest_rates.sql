{% macro latest_rates(rows, key, day) -%}
    select
        {{ rows }}.{{ key }},
        max_by(exchange_rates.rate, exchange_rates.rate_date) as rate
    from {{ rows }}
    inner join {{ ref('stg_exchange_rates') }} as exchange_rates
        on
            exchange_rates.row_state = 'kept'
            and {{ rows }}.currency = exchange_rates.currency
            and {{ rows }}.{{ day }} >= exchange_rates.rate_date
    where {{ rows }}.currency <> '{{ var("reporting_currency") }}'
    group by {{ rows }}.{{ key }}
{%- endmacro %}
