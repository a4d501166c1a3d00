{%- set currency = var('reporting_currency') -%}
{%- set money = {
    'en': ' ' ~ currency, 'ko': '원' if currency == 'KRW' else ' ' ~ currency,
} -%}

with

default_profile as (

    select *
    from {{ ref('rfm_profiles') }}
    where
        is_default
        and recency_of = 'purchase'
        and frequency_of = 'count'
        and monetary_of = 'sum'

),

rfm_names as (

    select * from {{ ref('rfm_names') }}

),

-- what is exceeded by who has the score, and by nobody with a lower one
thresholds as (

    {%- for score in range(2, 6) %}
    {{ 'union all' if not loop.first }}
    select
        profile,
        measure,
        {{ score }} as score,
        threshold_{{ score - 1 }} as threshold,
        case when measure = 'recency' then is_telling end as is_telling
    from {{ ref('int_rfm_thresholds') }}
    {%- endfor %}

),

-- days are counted back, orders are whole, money is in hundredths
bounds as (

    select
        rfm_names.rfm_segment,
        rfm_names.priority,
        {%- for measure in ('recency', 'frequency', 'monetary') %}
        max(
            case
                when
                    thresholds.measure = '{{ measure }}'
                    and thresholds.score = rfm_names.{{ measure }}_from
                    then thresholds.threshold
            end
        ) as {{ measure }}_above,
        max(
            case
                when
                    thresholds.measure = '{{ measure }}'
                    and thresholds.score = rfm_names.{{ measure }}_to + 1
                    then thresholds.threshold
            end
        ) as {{ measure }}_up_to,
        {%- endfor %}
        bool_or(thresholds.is_telling) as is_telling,
        {{ days_between("date '1970-01-01'", as_of_date()) }} as today
    from default_profile
    inner join rfm_names
        on default_profile.naming_map = rfm_names.naming_map
    inner join thresholds
        on default_profile.profile = thresholds.profile
    group by rfm_names.rfm_segment, rfm_names.priority

),

measured as (

    select
        rfm_segment,
        priority,
        is_telling,
        (today - recency_above - 1)::string as days_at_most,
        (today - recency_up_to)::string as days_at_least,
        (frequency_above + 1)::string as orders_at_least,
        frequency_up_to::string as orders_at_most,
        {{ shown_money('monetary_above / 100.0') }} as money_above,
        {{ shown_money('monetary_up_to / 100.0') }} as money_at_most
    from bounds

),

told as (

    select
        rfm_segment,
        is_telling,
        row_number() over (
            partition by rfm_segment
            order by priority
        ) as place,
        concat_ws(
            ', ',
            coalesce(
                'last order ' || days_at_least || ' to ' || days_at_most || ' days ago',
                'last order within ' || days_at_most || ' days',
                'last order ' || days_at_least || ' days ago or more'
            ),
            coalesce(
                orders_at_least || ' to ' || orders_at_most || ' orders',
                orders_at_least || ' orders or more',
                case when orders_at_most = '1' then 'one order' end,
                'at most ' || orders_at_most || ' orders'
            ),
            coalesce(
                'more than ' || money_above || ' and at most ' || money_at_most
                || '{{ money.en }} in all',
                'more than ' || money_above || '{{ money.en }} in all',
                'at most ' || money_at_most || '{{ money.en }} in all'
            )
        ) as words_en,
        concat_ws(
            ', ',
            coalesce(
                '마지막 구매 ' || days_at_least || '~' || days_at_most || '일 전',
                '마지막 구매 ' || days_at_most || '일 이내',
                '마지막 구매 ' || days_at_least || '일 이상 전'
            ),
            coalesce(
                '구매 ' || orders_at_least || '~' || orders_at_most || '회',
                '구매 ' || orders_at_least || '회 이상',
                case when orders_at_most = '1' then '구매 1회' end,
                '구매 ' || orders_at_most || '회 이하'
            ),
            coalesce(
                '누적 ' || money_above || '{{ money.ko }} 초과 ' || money_at_most
                || '{{ money.ko }} 이하',
                '누적 ' || money_above || '{{ money.ko }} 초과',
                '누적 ' || money_at_most || '{{ money.ko }} 이하'
            )
        ) as words_ko
    from measured

),

words as (

    select
        rfm_segment,
        case
            when is_telling
                then nullif(words_en, '')
            else 'nobody is ranked: too few have bought, or all just as recently'
        end as words_en,
        case
            when is_telling
                then nullif(words_ko, '')
            else '구매자가 너무 적거나 최근 구매일이 모두 같아 등급을 매기지 않습니다'
        end as words_ko
    from told
    where place = 1

)

select * from words
