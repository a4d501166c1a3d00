{{ config(group='warehouse') }}

{#- Models are named, not found, so that dbt knows what this waits for; a public table
    of customers that is not named is an error. Left out are segment_reasons, which reads
    nothing else and asked in full has a row for each customer and condition, and the
    audience_syncs, which shows its step as of the last whole build. -#}
{%- set tables = [
    ref('activity_spells'),
    ref('audience_exclusions'),
    ref('audience_members'),
    ref('audience_records'),
    ref('int_audience_syncs'),
    ref('consent_change_notices'),
    ref('consent_renotifications'),
    ref('customer_attributes'),
    ref('customer_days'),
    ref('customer_products'),
    ref('customer_reach'),
    ref('customer_rfm'),
    ref('customers'),
    ref('int_customer_channels'),
    ref('int_customer_profiles'),
    ref('int_rule_facts'),
    ref('int_segment_flags'),
    ref('opt_outs'),
    ref('order_lines'),
    ref('orders'),
    ref('purchase_stage_spells'),
    ref('rfm_scores'),
    ref('segment_members'),
    ref('segment_membership_log'),
    ref('segment_membership_spells'),
    ref('segment_records'),
] -%}
{%- set names = tables | map(attribute='identifier') | list -%}
{%- for node in graph.nodes.values()
    if execute
    and node.resource_type == 'model'
    and node.config.access == 'public'
    and 'customer_id' in node.columns
    and 'model.customer_segments.int_audience_syncs' not in node.depends_on.nodes
    and node.name not in names + ['segment_reasons'] -%}
{{ exceptions.raise_compiler_error(
    'assert_nobody_erased_is_anywhere.sql: ' ~ node.name
    ~ ' has a customer_id; add it to the tables that are searched.'
) }}
{%- endfor %}

-- whatever became of the request: a wish counts once it is loaded
with

erased as (

    select customer_id
    from {{ ref('stg_deletion_requests') }}
    where coalesce(customer_id, '') <> ''
    group by customer_id

),

places as (

    {%- for table in tables %}

    select
        customer_id,
        '{{ table.identifier }}' as place
    from {{ table }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

still_there as (

    select
        places.place,
        places.customer_id
    from places
    inner join erased
        on places.customer_id = erased.customer_id

)

select * from still_there
