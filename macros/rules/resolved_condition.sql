{% macro resolved_condition(condition, at, language) -%}
    {%- set subjects = condition.keys()
        | select('in', ['trait', 'event', 'stage', 'activity']) | list -%}
    {%- if subjects | length != 1 -%}
        {%- set known = ['trait', 'event', 'segment', 'stage', 'activity', 'all', 'any',
            'none'] -%}
        {%- do rule_error(at, 'one subject is needed, of ' ~ known | join(', ') ~ '; found '
            ~ (condition.keys() | join(', '))) -%}
    {%- endif -%}
    {%- set subject = subjects[0] -%}
    {%- if subject in ('stage', 'activity') -%}
        {%- do refuse_unknown_keys(condition, [subject], at) -%}
        {%- set trait = {'stage': 'purchase_stage', 'activity': 'activity_state'}[subject] -%}
        {%- set values = language.traits[trait]['values'] -%}
        {%- if condition[subject] not in values -%}
            {%- do rule_error(at, 'unknown ' ~ subject ~ ' ' ~ condition[subject] ~ '; '
                ~ nearest_names(condition[subject], values)) -%}
        {%- endif -%}
        {%- set condition = {'trait': trait, 'is': condition[subject]} -%}
        {%- set subject = 'trait' -%}
    {%- endif -%}
    {%- if subject == 'trait' -%}
        {%- set name = condition.trait -%}
        {%- set trait = language.traits.get(name) -%}
        {%- set origins = trait_origins(name, language.traits) -%}
        {%- for origin in origins -%}
            {%- if origin in language.protected -%}
                {%- do rule_error(at, name ~ ' is a protected attribute'
                    ~ (' (derived from ' ~ origin ~ ')' if origin != name else '')
                    ~ ': it decides nothing. Take the condition out') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not trait -%}
            {%- do rule_error(at, 'unknown trait ' ~ name ~ '; '
                ~ nearest_names(name | string, language.traits.keys() | list)) -%}
        {%- endif -%}
        {{ return(resolved_test(condition, ['trait'], {
            'sql': 'customers.' ~ name,
            'type': trait.type,
            'data_type': trait.data_type,
            'values': trait['values'],
            'words': trait.label.en,
        }, at)) }}
    {%- endif -%}
    {%- set name = condition.event -%}
    {%- if name not in language.events -%}
        {%- do rule_error(at, 'unknown event ' ~ name ~ '; '
            ~ nearest_names(name | string, language.events.keys() | list)) -%}
    {%- endif -%}
    {%- set days = condition.get('within_days') -%}
    {%- if 'within_days' in condition
        and (days is not integer or days is boolean or not 1 <= days <= 3650) -%}
        {%- do rule_error(at, 'within_days is ' ~ days ~ '; it takes whole days from 1 to 3650') -%}
    {%- endif -%}
    {%- set column = language.events[name] ~ ('_' ~ days ~ 'd' if days else '_ever') -%}
    {%- set tests = condition.keys() | reject('in', ['event', 'within_days']) | list -%}
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
    {%- set resolved = resolved_test(condition, ['event', 'within_days'], {
        'sql': 'coalesce(event_counts.' ~ column ~ ', 0)',
        'type': 'count',
        'data_type': 'int',
        'values': none,
        'words': name.replace('_', ' ') ~ (' in ' ~ days ~ ' days' if days else ''),
    }, at) -%}
    {%- do resolved.update({'event': {
        'counted': language.events[name], 'days': days, 'column': column
    }}) -%}
    {{ return(resolved) }}
{%- endmacro %}
