{%- set conditions = outer_conditions(resolved_segments()) -%}

-- depends_on: {{ ref('int_segment_definitions') }}: rules are resolved once for all

with

texts (
    condition_name,
    segment,
    condition_number,
    condition_en,
    condition_ko,
    test,
    threshold,
    customer_reason_en,
    customer_reason_ko,
    traits
) as (

    values
    {%- for condition in conditions %}
    {{ sql_list([
        condition.column,
        condition.of_segment,
        condition.number,
        rule_words(condition, 'en'),
        rule_words(condition, 'ko'),
        condition.test or '',
        condition.threshold,
        (condition.reason or {}).en or '',
        (condition.reason or {}).ko or '',
        '|' ~ rule_traits(condition) | join('|') ~ '|',
    ]) }}
    {{- ',' if not loop.last }}
    {%- endfor %}

),

conditions as (

    select
        condition_name,
        segment,
        condition_number::int as condition_number,
        condition_en,
        condition_ko,
        traits,
        nullif(test, '') as test,
        nullif(threshold, '') as threshold,
        nullif(customer_reason_en, '') as customer_reason_en,
        nullif(customer_reason_ko, '') as customer_reason_ko
    from texts

)

select * from conditions
