{#- DuckDB replaces a table within a transaction: nothing needs to be moved aside, and a
    table that a hook refuses leaves the one before. -#}
{% materialization table, adapter="duckdb" %}

{%- set table = this.incorporate(type='table') -%}
{%- set before = load_cached_relation(this) -%}

{{ run_hooks(pre_hooks) }}
{%- if before is not none and not before.is_table -%}
    {%- do adapter.drop_relation(before) -%}
{%- endif -%}
{%- set contract = config.get('contract').enforced -%}
{%- call statement('main') -%}
    create or replace table {{ table }} as (
        {{ get_select_subquery(compiled_code) if contract else compiled_code }}
    )
{%- endcall -%}
{%- if contract -%}
    {%- do get_assert_columns_equivalent('select * from ' ~ table) -%}
{%- endif -%}
{{ run_hooks(post_hooks) }}
{%- do adapter.commit() -%}
{{ return({'relations': [table]}) }}

{% endmaterialization %}
