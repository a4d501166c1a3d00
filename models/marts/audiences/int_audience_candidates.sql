{%- set audiences = audience_definitions() -%}
{%- set records = recorded_relation('audience_records') -%}

with

definitions as (

    select * from {{ ref('audience_definitions') }}

),

segment_members as (

    select * from {{ ref('segment_members') }}

),

asked (audience, customer_id) as (

    {%- for audience in audiences %}
    {%- set segments = audience.segments %}

    select
        {{ sql_text(audience.name) }},
        customer_id
    from segment_members
    where
        segment in
        {{ sql_list(segments.any_of + segments.all_of + segments.none_of) }}
    group by customer_id
    having
        {{ 'bool_or(segment in ' ~ sql_list(segments.any_of) ~ ')'
            if segments.any_of else 'true' }}
        {%- for segment in segments.all_of %}
        and bool_or(segment = {{ sql_text(segment) }})
        {%- endfor %}
        {%- if segments.none_of %}
        and not bool_or(segment in {{ sql_list(segments.none_of) }})
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

{% if records -%}
-- who was there last stays in an audience that has no data
held as (

    select
        audience,
        customer_id
    from {{ recorded_rows(records, ['audience', 'customer_id']) }}
    where change_before <> 'removed' and customer_id is not null

),

{% endif -%}
chosen as (

    select
        asked.audience,
        asked.customer_id,
        definitions.data_state
    from asked
    inner join definitions
        on asked.audience = definitions.audience
    where definitions.data_state = 'known'
    {%- if records %}

    union all

    select
        held.audience,
        held.customer_id,
        definitions.data_state
    from held
    inner join definitions
        on held.audience = definitions.audience
    where definitions.data_state = 'no_data'
    {%- endif %}

),

-- an arm has the buckets up to its next one
candidates as (

    select
        *,
        case audience
            {%- for audience in audiences %}
            when {{ sql_text(audience.name) }}
                then {{ bucket(audience.holdout.salt, 'customer_id') }}
            {%- endfor %}
        end as holdout_bucket,
        case audience
            {%- for audience in audiences if audience.split %}
            when {{ sql_text(audience.name) }}
                then
                    case
                        {%- for arm in audience.split.arms %}
                        when
                            {{ bucket(audience.split.salt, 'customer_id') }}
                            < {{ arm.next_bucket }}
                            then {{ sql_text(arm.name) }}
                        {%- endfor %}
                    end
            {%- endfor %}
            when '' then null
        end::string as arm
    from chosen

)

select * from candidates
