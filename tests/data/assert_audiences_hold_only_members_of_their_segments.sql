{%- set audiences = audience_definitions() -%}

-- who receives something, or would have, is in the segments that the audience names
with

segment_members as (

    select * from {{ ref('segment_members') }}

),

addressed as (

    select
        audience,
        customer_id
    from {{ ref('audience_members') }}

    union all

    select
        audience,
        customer_id
    from {{ ref('audience_exclusions') }}

),

wanted as (

    select
        null::string as audience,
        null::string as segment,
        null::string as relation
    where false

    {%- for audience in audiences %}
    {%- set segments = audience.segments %}
    {%- for segment in segments.any_of + segments.all_of + segments.none_of %}

    union all

    select
        '{{ audience.name }}' as audience,
        '{{ segment }}' as segment,
        {{ "'any_of'" if segment in segments.any_of
            else "'all_of'" if segment in segments.all_of else "'none_of'" }} as relation
    {%- endfor %}
    {%- endfor %}

),

matched as (

    select
        addressed.audience,
        addressed.customer_id,
        wanted.relation,
        segment_members.segment is not null as is_member
    from addressed
    left join wanted
        on addressed.audience = wanted.audience
    left join segment_members
        on
            wanted.segment = segment_members.segment
            and addressed.customer_id = segment_members.customer_id

),

compared as (

    select
        audience,
        customer_id,
        bool_or(case when relation = 'any_of' then is_member end) as is_in_any,
        bool_and(case when relation = 'all_of' then is_member end) as is_in_all,
        bool_or(case when relation = 'none_of' then is_member end) as is_in_none
    from matched
    group by audience, customer_id

),

strangers as (

    select *
    from compared
    where
        not coalesce(is_in_any, true)
        or not coalesce(is_in_all, true)
        or coalesce(is_in_none, false)
        or (is_in_any is null and is_in_all is null)

)

select * from strangers
