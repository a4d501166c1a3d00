{% macro refuse_shrinking() -%}
    {%- if execute and is_incremental() and var('backfill') != 'past' -%}
        {%- set sizes -%}
            with records as (select * from {{ this }}),
            runs as (
                select * from {{ alive_runs('records') }} as alive_runs
                where as_of_date < {{ as_of_date() }}
            ),
            changes as (
                select records.*
                from records
                inner join runs on records.run_number = runs.run_number
            ),
            before as (
                select segment, count(*) as size
                from {{ recorded_rows(this, ['segment', 'customer_id']) }}
                where change_before = 'entered'
                group by segment
            ),
            versions as (
                select segment, max_by(version, run_number) as version
                from changes
                where customer_id is not null
                group by segment
            ),
            decided as (
                select segment, count(*) as size
                from {{ ref('int_segment_memberships') }}
                group by segment
            ),
            shop as (
                select
                    {%- for counted in ['customer_count', 'buyer_count'] %}
                    {{ 'max_by(' ~ counted ~ ', as_of_date)'
                        if counted in adapter.get_columns_in_relation(this)
                            | map(attribute='name') | list
                        else 'null::bigint' }} as {{ counted }},
                    {%- endfor %}
                    max(as_of_date) as as_of_date
                from changes
                where change in ('run', 'past_run')
            ),
            counted as (
                select
                    count(*) as customer_count,
                    sum(case when order_count > 0 then 1 else 0 end) as buyer_count
                from {{ ref('customers') }}
                where not is_test
            ),
            compared as (
                select
                    before.segment as name,
                    versions.version,
                    before.size as before,
                    coalesce(decided.size, 0) as after
                from before
                inner join versions on before.segment = versions.segment
                inner join {{ ref('int_segment_definitions') }} as definitions
                    on
                        before.segment = definitions.segment
                        and versions.version = definitions.version
                left join decided on before.segment = decided.segment
                where
                    before.size >= {{ var('shrink_from_members') }}
                    and definitions.data_state = 'known'
                union all
                select 'customers', null, shop.customer_count, counted.customer_count
                from shop cross join counted
                union all
                select 'buyers', null, shop.buyer_count, coalesce(counted.buyer_count, 0)
                from shop cross join counted
            )
            select compared.*, shop.as_of_date
            from compared cross join shop
            where compared.after < compared.before * (100 - {{ var('max_shrink_percent') }}) / 100.0
            order by compared.version nulls first, name
        {%- endset -%}
        {%- set shrunken = run_query(sizes).rows -%}
        {%- set shop, segments = [], [] -%}
        {%- for one in shrunken -%}
            {%- do (shop if one.version is none else segments).append(
                one.name ~ ' ' ~ one.before ~ ' → ' ~ one.after
            ) -%}
        {%- endfor -%}
        {%- if shop or segments -%}
            {%- set told = 'By more than ' ~ var('max_shrink_percent') ~ ' % fewer than as of '
                ~ shrunken[0].as_of_date ~ ': ' ~ (shop + segments)[:8] | join('; ')
                ~ ('; …' if shop | length + segments | length > 8) -%}
            {%- if (shop or segments | length >= var('max_shrunken_segments'))
                and not var('accept_shrink') -%}
                {{ exceptions.raise_compiler_error(
                    'The shop shrank. ' ~ told ~ '. Nothing was recorded. Look in load_manifest '
                    ~ 'and row_fates for rows that did not come. If it is right: dbt build '
                    ~ "--vars '{accept_shrink: true}', or --accept-shrink with make daily."
                ) }}
            {%- endif -%}
            {%- do print('Look twice. ' ~ told ~ '.') -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
