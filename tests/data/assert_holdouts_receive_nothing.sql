{%- set audiences = audience_definitions() -%}

-- who is held out of an audience, or of all advertising, is in none of its members
with

audience_members as (

    select * from {{ ref('audience_members') }}

),

shares (audience, bucket_salt, held_out_buckets) as (

    select
        null::string,
        null::string,
        null::bigint
    where false

    {%- for audience in audiences %}

    union all

    select
        '{{ audience.name }}',
        {{ sql_text(audience.holdout.salt) }},
        {{ (audience.holdout.share * 10000) | round | int }}
    {%- if audience.message_class == 'ad' %}

    union all

    select
        '{{ audience.name }}',
        {{ sql_text(var('global_holdout_salt')) }},
        {{ (var('global_holdout_share') * 10000) | round | int }}
    {%- endif %}
    {%- endfor %}

),

held_out as (

    select
        audience_members.audience,
        audience_members.customer_id,
        shares.held_out_buckets
    from audience_members
    inner join shares
        on audience_members.audience = shares.audience
    where
        {{ hash_bucket("shares.bucket_salt || '|' || audience_members.customer_id") }}
        < shares.held_out_buckets

)

select * from held_out
