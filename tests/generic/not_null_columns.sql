{% test not_null_columns(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}{{ adapter.quote(column) }} is null
    {%- endfor %}

{% endtest %}
