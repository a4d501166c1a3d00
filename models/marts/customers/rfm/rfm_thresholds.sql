with

compared as (

    select
        *,
        {{ days_between("date '1970-01-01'", as_of_date()) }} as today
    from {{ ref('int_rfm_thresholds') }}

),

thresholds as (

    select
        profile,
        measure,
        case
            when measure = 'monetary'
                then 'money'
            when measure = 'frequency' and frequency_of = 'count'
                then 'orders'
            else 'days'
        end as unit,
        {%- for number in range(1, 5) %}
        case
            when measure = 'recency'
                then today - threshold_{{ number }}
            when measure = 'monetary'
                then threshold_{{ number }} / 100.0
            when frequency_of = 'cadence'
                then -threshold_{{ number }} / 100.0
            else threshold_{{ number }}
        end::decimal(18, 2) as threshold_{{ number }},
        {%- endfor %}
        ranked_customers,
        score_reliability,
        ranked_on,
        {{ as_of_date() }} as as_of_date
    from compared

)

select * from thresholds
