{{ config(group='warehouse') }}

-- what a column names is a row of the table that holds such things
{%- set references = [
    ('audience_exclusions', 'reason', 'exclusion_reasons'),
    ('audience_members', 'channel', 'channels'),
    ('audience_members', 'customer_id', 'customers'),
    ('audience_waterfall', 'audience', 'audiences'),
    ('audiences', 'destination', 'destinations'),
    ('consent_change_notices', 'channel', 'channels'),
    ('consent_change_notices', 'customer_id', 'customers'),
    ('consent_days', 'channel', 'channels'),
    ('consent_renotifications', 'channel', 'channels'),
    ('consent_renotifications', 'customer_id', 'customers'),
    ('customer_attributes', 'customer_id', 'customers'),
    ('customer_products', 'customer_id', 'customers'),
    ('customer_reach', 'channel', 'channels'),
    ('customer_reach', 'customer_id', 'customers'),
    ('customer_rfm', 'customer_id', 'customers'),
    ('int_audience_syncs', 'customer_id', 'customers'),
    ('opt_outs', 'channel', 'channels'),
    ('opt_outs', 'customer_id', 'customers'),
    ('order_lines', 'order_id', 'orders'),
    ('orders', 'customer_id', 'customers'),
    ('purchase_stage_spells', 'customer_id', 'customers'),
    ('rfm_names', 'rfm_segment', 'labels', 'value'),
    ('rfm_scores', 'customer_id', 'customers'),
    ('rfm_scores', 'profile', 'rfm_profiles'),
    ('rfm_thresholds', 'profile', 'rfm_profiles'),
    ('segment_members', 'customer_id', 'customers'),
    ('segment_metrics', 'metric', 'metrics'),
] %}

with

{% for reference in references %}
{%- set name = reference[1] -%}
{%- set key = reference[3] or name -%}
lost_{{ loop.index }} as (

    select
        '{{ reference[0] }}.{{ name }}' as reference,
        named.{{ name }} as value
    from {{ ref(reference[0]) }} as named
    left join {{ ref(reference[2]) }} as things
        on named.{{ name }} = things.{{ key }}
    where named.{{ name }} is not null and things.{{ key }} is null

),

{% endfor -%}

lost as (

    {% for reference in references -%}
    {{ 'union all' if not loop.first }}
    select * from lost_{{ loop.index }}
    {% endfor %}

)

select * from lost
