{% test not_a_quiet_day(model, happened_on) %}

{%- set raw_table = model.identifier.removeprefix('stg_') -%}

with

day_counts as (

    select
        {{ happened_on }} as day,
        count(*) as row_count
    from {{ model }}
    where row_state = 'kept'
    group by {{ happened_on }}

),

-- the day before one and the day after are no usual days either
holidays as (

    select holidays.day + days_away.days as day
    from {{ ref('holidays') }} as holidays
    cross join (values (-1), (0), (1)) as days_away (days)
    where holidays.country = {{ sql_text(var('holiday_country')) }}

),

told as (

    {{ day_judgement(raw_table) }}

)

-- dbt counts the rows of a test and shows none, so the message is the error itself
select message
from told
where
    case
        when message <> '' and not {{ var('accept_quiet_day') | lower }}
            then {{ stop('message') }} is null
        else false
    end

{% endtest %}
