{% macro check_variables() -%}
    {%- set ns = namespace(problem=none) -%}
    {%- set whole = ['rfm_reliable_from', 'population_gap_minimum',
        'population_gap_default_days', 'population_gap_weight', 'churned_from_days',
        'power_user_days'] -%}
    {%- for name in whole -%}
        {%- if var(name) is not integer or var(name) is boolean or var(name) < 1 -%}
            {%- set ns.problem = name ~ ': ' ~ var(name) ~ ' is not a whole number above 0' -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set window = var('rfm_window_days') -%}
    {%- if window is not none
        and (window is not integer or window is boolean or window < 1) -%}
        {%- set ns.problem = 'rfm_window_days: ' ~ window
            ~ ' is neither null nor a whole number above 0' -%}
    {%- endif -%}
    {%- set gaps = var('expected_gap_days') -%}
    {%- if gaps is string or gaps | length != 2 or gaps[0] is not integer
        or gaps[1] is not integer or not 1 <= gaps[0] <= gaps[1] -%}
        {%- set ns.problem = 'expected_gap_days: ' ~ gaps
            ~ ' is not [shortest, longest] in whole days' -%}
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
    {%- if not modules.re.fullmatch('[A-Za-z0-9_+/-]+', var('business_timezone') | string)
        or var('business_timezone') not in modules.pytz.all_timezones -%}
        {%- set ns.problem = 'business_timezone: ' ~ var('business_timezone')
            ~ ' is not a zone name such as Asia/Seoul' -%}
    {%- endif -%}
    {%- set statuses = ['pending', 'paid', 'shipped', 'delivered', 'returned', 'cancelled'] -%}
    {%- for status in var('valid_statuses') -%}
        {%- if status not in statuses -%}
            {%- set ns.problem = 'valid_statuses: ' ~ status ~ ' is none of '
                ~ statuses | join(', ') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for part in var('revenue_includes') -%}
        {%- if part not in ['shipping', 'tax'] -%}
            {%- set ns.problem = 'revenue_includes: ' ~ part ~ ' is none of shipping, tax' -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name, relation in var('raw_tables').items() -%}
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
