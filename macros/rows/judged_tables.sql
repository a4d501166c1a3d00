{% macro judged_tables() -%}
    {#- Staging models are named, not found, so that dbt knows what their reader waits
        for; a raw table that is not named is an error. -#}
    {%- set names = [
        'customers',
        'customer_attributes',
        'identity_links',
        'blocked_ids',
        'accounts',
        'account_technologies',
        'orders',
        'order_items',
        'refunds',
        'products',
        'product_prices',
        'plan_prices',
        'events',
        'consents',
        'suppressions',
        'deletion_requests',
        'campaigns',
        'campaign_messages',
        'acquisition_costs',
        'segment_targets',
        'releases',
        'exchange_rates',
    ] -%}
    {%- if execute -%}
        {%- for source in graph.sources.values()
            if source.source_name == 'raw' and source.name not in names -%}
            {{ exceptions.raise_compiler_error(
                'macros/rows/judged_tables.sql: the raw table ' ~ source.name
                ~ ' is not named; its rows would vanish.'
            ) }}
        {%- endfor -%}
    {%- endif -%}
    {%- set tables = [] -%}
    {%- for name in names -%}
        {%- do tables.append(ref('stg_' ~ name)) -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}
