{% macro resolved_event(condition, at, language) -%}
    {%- set own_keys = ['event', 'within_days', 'between_days', 'where'] -%}
    {%- set name = condition.event -%}
    {%- set event = known_event(name, at, language) -%}
    {%- if 'within_days' in condition and 'between_days' in condition -%}
        {%- do rule_error(at, 'within_days and between_days are two windows; take one') -%}
    {%- endif -%}
    {#- Days ago, the as-of day being 0: none = any time. -#}
    {%- set window = none -%}
    {%- set suffix = '_ever' -%}
    {%- set told = {'en': '', 'ko': ''} -%}
    {%- if 'within_days' in condition -%}
        {%- set days = whole_days('within_days', condition.within_days, at) -%}
        {%- set window = [0, days - 1] -%}
        {%- set suffix = '_' ~ days ~ 'd' -%}
        {%- set told = {'en': ' in the last ' ~ days ~ ' days', 'ko': '최근 ' ~ days ~ '일 '} -%}
    {%- elif 'between_days' in condition -%}
        {%- set window = condition.between_days -%}
        {%- if window is string or window is mapping or window is not iterable
            or window | length != 2 or window | select('boolean') | list
            or window | select('integer') | list | length != 2
            or not 0 <= window[0] <= window[1] <= 3650 -%}
            {%- do rule_error(at, 'between_days is ' ~ window ~ '; it takes [from, to], '
                ~ 'whole days ago from 0 (the as-of day) to 3650') -%}
        {%- endif -%}
        {%- set suffix = '_' ~ window[0] ~ '_to_' ~ window[1] ~ 'd' -%}
        {%- set told = {
            'en': ' from ' ~ window[1] ~ ' to ' ~ window[0] ~ ' days ago',
            'ko': window[1] ~ '~' ~ window[0] ~ '일 전 ',
        } -%}
    {%- endif -%}
    {%- set tests = condition.keys() | reject('in', own_keys) | list -%}
    {%- set condition = dict(condition) -%}
    {%- if not tests -%}
        {%- do condition.update({'at_least': 1}) -%}
    {%- elif tests == ['never'] -%}
        {%- if condition.never is not true -%}
            {%- do rule_error(at, 'never takes true') -%}
        {%- endif -%}
        {%- do condition.pop('never') -%}
        {%- do condition.update({'at_most': 0}) -%}
    {%- endif -%}
    {%- set fact = {
        'kind': 'days',
        'column': event.column ~ suffix,
        'counted': event.column,
        'event': name,
        'window': window,
    } -%}
    {%- set asked = {'en': '', 'ko': ''} -%}
    {%- if 'where' in condition -%}
        {%- set where = resolved_where(condition.where, name, at, language) -%}
        {%- do fact.update({
            'kind': 'actions',
            'column': fact.column ~ '_' ~ local_md5((condition.where.items() | list) | string)[:8],
            'where': where.sql,
        }) -%}
        {%- set asked = where.words -%}
    {%- endif -%}
    {%- set resolved = resolved_test(condition, own_keys, {
        'sql': 'rule_facts.' ~ fact.column,
        'type': 'count',
        'data_type': 'int',
        'values': none,
        'labels': {},
        'words': {'en': event.label.en ~ asked.en, 'ko': told.ko ~ asked.ko ~ event.label.ko},
        'unit': 'times',
        'phrases': none,
    }, at) -%}
    {%- if tests == [] -%}
        {%- do resolved.words.update({'en': event.label.en ~ asked.en}) -%}
    {%- elif tests == ['never'] -%}
        {%- do resolved.words.update({'en': 'never ' ~ event.label.en ~ asked.en}) -%}
    {%- endif -%}
    {%- do resolved.words.update({'en': resolved.words.en ~ told.en}) -%}
    {%- do resolved.update({
        'subject': 'event ' ~ name,
        'event': name,
        'observed': 'rule_facts.' ~ fact.column,
        'reason': safe_reason(event.reason, resolved.test, resolved.value),
        'is_explicit': event.explicit,
        'facts': [fact],
    }) -%}
    {%- if fact.kind == 'days' and window and window[0] == 0
        and resolved.test == 'at_least' and resolved.value == 1 -%}
        {#- Once is enough, so the last time says when the window has passed. -#}
        {%- do resolved.update({
            'last_column': event.column ~ '_last',
            'window_days': window[1] + 1,
            'facts': [fact, {
                'kind': 'last', 'column': event.column ~ '_last', 'counted': event.column
            }],
        }) -%}
    {%- endif -%}
    {{ return(resolved) }}
{%- endmacro %}
