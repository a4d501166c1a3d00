{% macro check_variables() -%}
    {#- dbt renders a text that comes from the command line whenever a macro asks for it. -#}
    {%- for name, value in (invocation_args_dict.get('vars') or {}).items()
        if value is string and modules.re.search('[{][{%#]', value) -%}
        {{ exceptions.raise_compiler_error(
            'Variable ' ~ name ~ ': a value of the command line is no Jinja.'
        ) }}
    {%- endfor -%}
    {%- set ns = namespace(problem=none) -%}
    {%- set whole = ['rfm_reliable_from', 'population_gap_minimum',
        'population_gap_default_days', 'population_gap_weight', 'churned_from_days',
        'power_user_days', 'trial_days', 'k_minimum', 'kpi_window_days',
        'kpi_follow_up_days', 'revenue_trend_percent', 'removals_shown_days',
        'consent_renotification_years', 'consent_notice_days',
        'consent_renotification_ahead_days', 'consent_notice_overdue_days',
        'shrink_from_members', 'max_shrunken_segments', 'quiet_day_weeks',
        'stage_horizon_days', 'stage_longest_gap_days', 'stage_followed_gaps',
        'stage_calibrated_from_gaps', 'stage_calibrated_from_days', 'cart_expires_days'] -%}
    {%- for name in whole -%}
        {%- if var(name) is not integer or var(name) is boolean or var(name) < 1 -%}
            {%- set ns.problem = name ~ ': ' ~ var(name) ~ ' is not a whole number above 0' -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set gaps = var('expected_gap_days') -%}
    {%- if gaps is string or gaps | length != 2 or gaps[0] is not integer
        or gaps[1] is not integer or not 1 <= gaps[0] <= gaps[1] -%}
        {%- set ns.problem = 'expected_gap_days: ' ~ gaps
            ~ ' is not [shortest, longest] in whole days' -%}
    {%- endif -%}
    {%- for name, is_in_order in {
        'stage_chances': 'first that of at risk, then a smaller one of churned',
        'stage_lateness_shares': 'first that of at risk, then a larger one of churned',
    }.items() -%}
        {%- set pair = var(name) -%}
        {%- set numbers = pair | select('number') | list if pair is iterable else [] -%}
        {%- if pair is string or numbers | length != 2 or pair | length != 2
            or not 0 < numbers | min < numbers | max < 1
            or (numbers[0] > numbers[1]) != (name == 'stage_chances') -%}
            {%- set ns.problem = name ~ ': ' ~ pair ~ ' is not two shares between 0 and 1, '
                ~ is_in_order -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set percent = var('price_sensitivity_percent') -%}
    {%- if percent is string or percent is not iterable or percent | length != 2
        or percent[0] is not integer or percent[1] is not integer
        or not 1 <= percent[0] <= percent[1] <= 100 -%}
        {%- set ns.problem = 'price_sensitivity_percent: ' ~ percent
            ~ ' is not [medium, high] in whole percent from 1 to 100' -%}
    {%- endif -%}
    {%- set amount = var('free_delivery_from') -%}
    {%- if amount is not none
        and (amount is not number or amount is boolean or not 0 < amount < 1e12) -%}
        {%- set ns.problem = 'free_delivery_from: ' ~ amount
            ~ ' is neither null nor an amount above 0' -%}
    {%- endif -%}
    {%- for name in ['delivery_page_pattern', 'price_search_pattern'] -%}
        {%- if var(name) is not string or not var(name) -%}
            {%- set ns.problem = name ~ ': ' ~ var(name) ~ ' is no regular expression' -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set key_events = var('trial_key_events') -%}
    {%- if key_events is string or not key_events -%}
        {%- set ns.problem = 'trial_key_events: at least one event is needed, in a list' -%}
    {%- elif execute -%}
        {%- set known_events = event_registry() -%}
        {%- for event in key_events if event not in known_events -%}
            {%- set ns.problem = 'trial_key_events: ' ~ event ~ ' is none of '
                ~ known_events.keys() | sort | join(', ') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if var('kpi_follow_up_days') is integer and var('kpi_window_days') is integer
        and var('kpi_follow_up_days') > var('kpi_window_days') -%}
        {%- set ns.problem = 'kpi_follow_up_days: ' ~ var('kpi_follow_up_days')
            ~ ' is more than kpi_window_days' -%}
    {%- endif -%}
    {%- set effect = var('proxy_effect_size') -%}
    {%- if effect is not number or effect is boolean or not 0 < effect <= 3 -%}
        {%- set ns.problem = 'proxy_effect_size: ' ~ effect
            ~ ' is not an effect size above 0, up to 3' -%}
    {%- endif -%}
    {%- if var('global_holdout_share') is not number
        or not 0 <= var('global_holdout_share') <= 0.5 -%}
        {%- set ns.problem = 'global_holdout_share: ' ~ var('global_holdout_share')
            ~ ' is not a share from 0 to 0.5' -%}
    {%- endif -%}
    {%- if not modules.re.fullmatch('[A-Z]{3}', var('reporting_currency') | string) -%}
        {%- set ns.problem = 'reporting_currency: ' ~ var('reporting_currency')
            ~ ' is not an ISO 4217 code such as KRW' -%}
    {%- endif -%}
    {%- if not modules.re.fullmatch('[1-9][0-9]{0,3}', var('phone_country_code') | string) -%}
        {%- set ns.problem = 'phone_country_code: ' ~ var('phone_country_code')
            ~ ' is not a country code such as 82, without + and zeros' -%}
    {%- endif -%}
    {%- if var('valid_statuses') is string or not var('valid_statuses') -%}
        {%- set ns.problem = 'valid_statuses: at least one status is needed, in a list' -%}
    {%- endif -%}
    {%- set share = var('max_quarantined_share') -%}
    {%- if share is not number or not 0 < share <= 1 -%}
        {%- set ns.problem = 'max_quarantined_share: ' ~ share
            ~ ' is not a share above 0, up to 1' -%}
    {%- endif -%}
    {%- set years = var('quiet_day_years') -%}
    {%- if years is not number or years is boolean or not 0 < years <= 100 -%}
        {%- set ns.problem = 'quiet_day_years: ' ~ years
            ~ ' is not a number of years above 0, up to 100' -%}
    {%- endif -%}
    {%- if not modules.re.fullmatch('[A-Z]{2}', var('holiday_country') | string) -%}
        {%- set ns.problem = 'holiday_country: ' ~ var('holiday_country')
            ~ ' is no country of ISO 3166 such as KR' -%}
    {%- endif -%}
    {%- if var('payday') not in range(1, 32) or var('payday') is boolean -%}
        {%- set ns.problem = 'payday: ' ~ var('payday') ~ ' is no day from 1 to 31' -%}
    {%- endif -%}
    {%- for name in ['accept_quiet_day', 'accept_shrink'] if var(name) is not boolean -%}
        {%- set ns.problem = name ~ ': ' ~ var(name) ~ ' is neither true nor false' -%}
    {%- endfor -%}
    {%- if var('backfill') not in [none, 'past', 'restated'] -%}
        {%- set ns.problem = 'backfill: ' ~ var('backfill') ~ ' is set by '
            ~ 'scripts/backfill.py alone' -%}
    {%- endif -%}
    {%- if var('accept_missing') not in [0, 2] or var('accept_missing') is boolean -%}
        {%- set ns.problem = 'accept_missing: ' ~ var('accept_missing') ~ ' is neither 0 nor 2: '
            ~ 'that something is gone on purpose has to be said twice' -%}
    {%- endif -%}
    {%- set percent = var('max_shrink_percent') -%}
    {%- if percent is not integer or percent is boolean or not 1 <= percent <= 100 -%}
        {%- set ns.problem = 'max_shrink_percent: ' ~ percent
            ~ ' is not a whole percentage from 1 to 100' -%}
    {%- endif -%}
    {%- if flags.EMPTY and not var('empty_on_purpose') -%}
        {%- set ns.problem = 'empty_on_purpose: --empty would empty every table and record '
            ~ 'that everybody left every segment; set it to true if that is meant' -%}
    {%- endif -%}
    {%- for status in var('valid_statuses') -%}
        {%- if status not in order_statuses() -%}
            {%- set ns.problem = 'valid_statuses: ' ~ status ~ ' is none of '
                ~ order_statuses() | join(', ') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for part in var('revenue_includes') -%}
        {%- if part not in ['shipping', 'tax'] -%}
            {%- set ns.problem = 'revenue_includes: ' ~ part ~ ' is none of shipping, tax' -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if var('raw_tables') is not mapping -%}
        {%- set ns.problem = 'raw_tables: ' ~ var('raw_tables')
            ~ ' is not a mapping such as {orders: shop.orders}' -%}
    {%- endif -%}
    {%- for name, relation in (var('raw_tables') if var('raw_tables') is mapping else {}).items() -%}
        {%- if not modules.re.fullmatch('\\w+(\\.\\w+){0,2}', relation | string) -%}
            {%- set ns.problem = 'raw_tables: ' ~ relation
                ~ ' is not a table name such as shop.public.orders' -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if ns.problem -%}
        {{ exceptions.raise_compiler_error('Variable ' ~ ns.problem ~ '.') }}
    {%- endif -%}
    {%- do as_of_day() -%}
{%- endmacro %}
