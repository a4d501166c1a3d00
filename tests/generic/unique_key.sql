{% test unique_key(model, columns, where_kept=false, first_customers=none) %}

select {{ columns | join(', ') }}
from {{ model }}
{% if where_kept -%}
where row_state = 'kept'
{% endif -%}
{% if first_customers -%}
where
    customer_id in (
        select customer_id
        from {{ ref('customers') }}
        order by customer_id
        limit {{ first_customers }}
    )
{% endif -%}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
