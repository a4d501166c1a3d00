{% test mostly_usable(model) %}

{%- set raw_table = model.identifier.removeprefix('stg_') %}

with

row_counts as (

    select
        count(*) as row_count,
        sum(case when row_state = 'quarantined' then 1 else 0 end) as unusable_count
    from {{ model }}

    union all

    select
        count(*) as row_count,
        count(*) as unusable_count
    from {{ source('landing', 'load_rejects') }}
    where
        raw_table = '{{ raw_table }}'
        and {{ 'false' if raw_table in var('raw_tables') else 'true' }}

)

select
    sum(row_count) as row_count,
    sum(unusable_count) as unusable_count
from row_counts
having
    sum(row_count) >= 20
    and sum(unusable_count) > {{ var('max_quarantined_share') }} * sum(row_count)

{% endtest %}
