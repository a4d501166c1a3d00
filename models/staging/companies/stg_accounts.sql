with

source as (

    select * from {{ source('raw', 'accounts') }}

),

currencies as (

    select * from {{ ref('currencies') }}

),

cleaned as (

    select
        account_id,
        name,
        country,
        region,
        industry,
        employees,
        annual_revenue,
        annual_ad_spend,
        founded_year,
        loaded_at,
        source_file,
        source_row,
        nullif({{ trimmed('parent_account_id') }}, '') as parent_account_id,
        nullif({{ trimmed('naics_code') }}, '') as naics_code,
        coalesce(
            nullif(upper({{ trimmed('currency') }}), ''),
            '{{ var("reporting_currency") }}'
        ) as currency,
        {{ lowered(trimmed('business_model')) }} as business_model
    from source

),

-- a day ahead of UTC it may be the new year already
checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.account_id, '') = ''
                then {{ fault('cleaned.account_id', 'missing_id') }}
            when cleaned.parent_account_id = cleaned.account_id
                then {{ fault('cleaned.parent_account_id', 'self_link') }}
            when not {{ matches('cleaned.naics_code', '^[0-9]{2,6}$') }}
                then {{ fault('cleaned.naics_code', 'bad_naics_code') }}
            when cleaned.employees < 0
                then {{ fault('cleaned.employees', 'negative_amount') }}
            when cleaned.annual_revenue < 0
                then {{ fault('cleaned.annual_revenue', 'negative_amount') }}
            when cleaned.annual_ad_spend < 0
                then {{ fault('cleaned.annual_ad_spend', 'negative_amount') }}
            when currencies.currency is null
                then {{ fault('cleaned.currency', 'unknown_currency') }}
            when
                cleaned.founded_year < 1000
                or cleaned.founded_year > year(cleaned.loaded_at + interval 1 day)
                then {{ fault('cleaned.founded_year', 'year_out_of_range') }}
        end as fault,
        false as is_not_yet
    from cleaned
    left join currencies
        on cleaned.currency = currencies.currency

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'account_id',
            'loaded_at',
            row_hash('accounts')
        ) }} as version_rank
    from checked

),

judged as (

    select
        *,
        {{ row_state() }} as row_state
    from ranked

)

select * from judged
