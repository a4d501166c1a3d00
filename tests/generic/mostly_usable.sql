{% test mostly_usable(model) %}

select
    count(*) as row_count,
    sum(case when row_state = 'quarantined' then 1 else 0 end) as quarantined_count
from {{ model }}
having
    count(*) >= 20
    and sum(case when row_state = 'quarantined' then 1 else 0 end)
    > {{ var('max_quarantined_share') }} * count(*)

{% endtest %}
