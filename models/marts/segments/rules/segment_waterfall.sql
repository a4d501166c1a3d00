{%- set conditions = outer_conditions(resolved_segments()) -%}

with

flags as (

    select * from {{ ref('int_segment_flags') }}

),

conditions as (

    select * from {{ ref('int_segment_conditions') }}

),

definitions as (

    select * from {{ ref('int_segment_definitions') }}

),

-- who meets a condition and all before it, and who meets it
counted as (

    select
        {%- set before = [] %}
        {%- for condition in conditions %}
        {%- if condition.number == 1 %}{% do before.clear() %}{% endif %}
        {%- do before.append(condition.column) %}
        sum(case when {{ before | join(' and ') }} then 1 else 0 end)
            as {{ condition.column }},
        sum(case when {{ condition.column }} then 1 else 0 end)
            as {{ condition.column }}_alone,
        {%- endfor %}
        count(*) as candidate_count
    from flags

),

steps as (

    select
        condition_name,
        candidate_count,
        remaining_count,
        met_count
    from counted
    unpivot include nulls (
        (remaining_count, met_count) for condition_name in (
            {%- for condition in conditions %}
            {%- set name = condition.column %}
            ({{ name }}, {{ name }}_alone) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )

),

waterfall as (

    select
        conditions.segment,
        conditions.condition_number,
        conditions.condition_en,
        conditions.condition_ko,
        steps.candidate_count::bigint as candidate_count,
        case
            when definitions.data_state = 'known'
                then coalesce(steps.met_count, 0)
        end::bigint as met_count,
        case
            when definitions.data_state = 'known'
                then coalesce(steps.remaining_count, 0)
        end::bigint as remaining_count
    from steps
    inner join conditions
        on steps.condition_name = conditions.condition_name
    inner join definitions
        on conditions.segment = definitions.segment

)

select * from waterfall
