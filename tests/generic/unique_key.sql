{% test unique_key(model, columns, where_kept=false) %}

select {{ columns | join(', ') }}
from {{ model }}
{% if where_kept -%}
where row_state = 'kept'
{% endif -%}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
