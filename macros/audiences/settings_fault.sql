{% macro settings_fault(spec) -%}
    {#- What is wrong with when, where and how much of an audience goes out. -#}
    {%- if 'third_party' in spec and spec.third_party is not boolean -%}
        {{ return('third_party: is true or false') }}
    {%- elif 'required_consents' in spec and (not is_word_list(spec.required_consents)
        or spec.required_consents | reject('in', ['ad', 'night_ad', 'third_party']) | list) -%}
        {{ return('required_consents: takes a list out of ad, night_ad, third_party') }}
    {%- elif 'limit' in spec and not is_whole(spec.limit, 1, 100000000) -%}
        {{ return('limit: takes a whole number from 1 to 100,000,000') }}
    {%- elif 'mode' in spec and spec.mode not in ('mirror', 'add_only', 'snapshot', 'trigger') -%}
        {{ return('mode: is mirror, add_only, snapshot or trigger') }}
    {%- endif -%}
    {%- if 'send_window' in spec -%}
        {%- set clock = '([01][0-9]|2[0-3]):[0-5][0-9]|24:00' -%}
        {%- set window = spec.send_window -%}
        {%- if not is_word_list(window) or window | length != 2
            or not modules.re.fullmatch(clock, window[0])
            or not modules.re.fullmatch(clock, window[1]) -%}
            {{ return('send_window: must be ["09:00", "20:00"], in quotes') }}
        {%- endif -%}
    {%- endif -%}
    {%- if 'guards' in spec -%}
        {%- set shares = {'max_removed_share': 1, 'max_added_share': 1000} -%}
        {%- set counts = ['min_rows', 'max_rows', 'max_age_days'] -%}
        {%- set fault = keys_fault('guards: ', spec.guards,
            {'required': [], 'optional': shares.keys() | list + counts}) -%}
        {%- if fault -%}{{ return(fault) }}{%- endif -%}
        {%- set guards = without_nulls(spec.guards) -%}
        {%- for key, highest in shares.items()
            if key in guards and not is_between(guards[key], 0, highest) -%}
            {{ return('guards: ' ~ key ~ ': takes a share from 0 to ' ~ highest) }}
        {%- endfor -%}
        {%- for key in counts if key in guards and not is_whole(guards[key], 0, 1000000000) -%}
            {{ return('guards: ' ~ key ~ ': takes a whole number from 0 to 1,000,000,000') }}
        {%- endfor -%}
        {%- if guards.get('min_rows', 0) > guards.get('max_rows', 10000000) -%}
            {{ return('guards: min_rows is more than max_rows') }}
        {%- endif -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
