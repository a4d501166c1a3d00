{% macro resolved_segments(grain='customer') -%}
    {#- Segments of a grain, each with its rule resolved and measured: once an invocation,
        which has a graph of its own; where that is not kept, only slower. -#}
    {%- do families() -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set language = rule_language(grain) -%}
    {%- if 'resolved' not in language -%}
        {%- set resolved = [] -%}
        {%- for segment in language.segments.values() -%}
            {%- set rule = resolved_segment(segment, [], language) -%}
            {%- set conditions = rule_conditions(rule) -%}
            {%- if conditions | length > language.limits.conditions -%}
                {%- do refused(language, below(segment.at, 'rule'), 'too_many',
                    {'count': conditions | length, 'most': language.limits.conditions}) -%}
            {%- endif -%}
            {%- for condition in conditions
                if segment.text.explicit_signals_only and not condition.is_explicit -%}
                {%- do refused(language, below(segment.at, 'rule'), 'not_explicit',
                    {'subject': condition.subject}) -%}
            {%- endfor -%}
            {%- do resolved.append(dict(segment, rule=rule)) -%}
        {%- endfor -%}
        {%- do language.update(resolved=resolved) -%}
    {%- endif -%}
    {%- do refuse_faults(language) -%}
    {{ return(language.resolved) }}
{%- endmacro %}


{% macro resolved_segment(segment, inside, language) -%}
    {#- A segment's rule with its parent's and its frozen day, as one resolved rule. -#}
    {%- if segment.name in inside -%}
        {{ return(refused(language, below(segment.at, 'rule'), 'circle',
            {'names': (inside + [segment.name]) | join(' → ')})) }}
    {%- endif -%}
    {%- if segment.name not in language.rules -%}
        {%- set at = dict(segment.at, inside=inside + [segment.name]) -%}
        {%- do language.rules.update({
            segment.name: frozen_rule(segment, at, language) if segment.frozen_of
                else whole_rule(segment, at, language)
        }) -%}
    {%- endif -%}
    {{ return(language.rules[segment.name]) }}
{%- endmacro %}


{% macro frozen_rule(segment, at, language) -%}
    {%- set rolling_segment = language.segments[segment.frozen_of] -%}
    {%- set rolling = resolved_segment(rolling_segment, at.inside, language) -%}
    {%- set conditions = rule_conditions(rolling) -%}
    {%- set fact = {
        'kind': 'cohort',
        'column': 'was_' ~ segment.name,
        'segment': segment.frozen_of,
        'day': segment.frozen_on,
    } -%}
    {{ return({
        'group': 'all',
        'members': [{
            'sql': 'coalesce(rule_facts.' ~ fact.column ~ ', ' ~ rule_sql(rolling) ~ ')',
            'words': {
                'en': 'in segment ' ~ segment.frozen_of ~ ' on ' ~ segment.frozen_on,
                'ko': segment.frozen_on ~ ' 기준 ‘' ~ rolling_segment.text.label.ko ~ '’ 고객',
            },
            'subject': 'segment ' ~ segment.frozen_of,
            'is_explicit': conditions | rejectattr('is_explicit') | list == [],
            'facts': conditions | map(attribute='facts') | sum(start=[]) + [fact],
            'traits': rule_traits(rolling),
            'needs': rule_needs(rolling),
        }],
    }) }}
{%- endmacro %}


{% macro whole_rule(segment, at, language) -%}
    {#- What is missing is noted already. -#}
    {%- set own = resolved_rule(segment.rule, below(at, 'rule'), language)
        if segment.rule else {'group': 'all', 'members': []} -%}
    {%- set parent = segment.text.parent -%}
    {%- if not parent -%}{{ return(own) }}{%- endif -%}
    {%- if parent is not string or parent not in language.segments -%}
        {{ return(refused(language, below(segment.at, 'parent'), 'parent', {
            'name': parent | string,
            'near': nearest_names(parent | string, language.segments.keys() | list),
        })) }}
    {%- endif -%}
    {%- set named = language.segments[parent] -%}
    {{ return({
        'group': 'all',
        'members': [{
            'group': 'all',
            'members': [resolved_segment(named, at.inside, language)],
            'segment': segment_words(named),
        }] + (own.members if own.group == 'all' and not own.segment else [own]),
    }) }}
{%- endmacro %}


{% macro resolved_rule(rule, at, language) -%}
    {#- The rule with other segments written out in place: groups and conditions only,
        each condition checked and with its SQL. -#}
    {%- if rule is not mapping or not rule -%}
        {{ return(refused(language, at, 'no_mapping',
            {'shape': '{trait: age_band, is: 30s}'})) }}
    {%- endif -%}
    {%- set groups = rule.keys() | select('in', language.groups) | list -%}
    {%- if groups -%}
        {{ return(resolved_group(rule, groups[0], at, language)) }}
    {%- elif 'segment' in rule -%}
        {{ return(resolved_reference(rule, at, language)) }}
    {%- endif -%}
    {{ return(resolved_condition(rule, at, language)) }}
{%- endmacro %}


{% macro resolved_group(rule, group, at, language) -%}
    {%- set given = rule[group] -%}
    {%- if rule | length > 1 -%}
        {{ return(refused(language, at, 'group_alone',
            {'names': {'en': rule.keys() | join(' and '), 'ko': rule.keys() | join(', ')}})) }}
    {%- elif given is string or given is mapping or given is not iterable or not given -%}
        {{ return(refused(language, at, 'group_empty', {'group': group})) }}
    {%- elif at.path.split('.') | length > language.limits.depth -%}
        {{ return(refused(language, at, 'too_deep', {'depth': language.limits.depth})) }}
    {%- endif -%}
    {%- set members = [] -%}
    {%- for member in given -%}
        {%- do members.append(resolved_rule(
            member, below(below(at, group), loop.index0), language
        )) -%}
    {%- endfor -%}
    {{ return({'group': group, 'members': members}) }}
{%- endmacro %}


{% macro resolved_reference(rule, at, language) -%}
    {%- set name = rule.segment -%}
    {%- if name is not string or name not in language.segments -%}
        {{ return(refused(language, at, 'unknown', {
            'what': {'en': 'segment', 'ko': '세그먼트'},
            'name': name | string,
            'near': nearest_names(name | string, language.segments.keys() | list),
        })) }}
    {%- elif name in at.inside -%}
        {{ return(refused(language, at, 'circle',
            {'names': (at.inside + [name]) | join(' → ')})) }}
    {%- endif -%}
    {%- set fault = option_fault(rule, 'segment', at, language) -%}
    {%- if fault -%}{{ return(fault) }}{%- endif -%}
    {%- set segment = language.segments[name] -%}
    {%- set members = [resolved_segment(segment, at.inside, language)] -%}
    {%- set told = segment_words(segment) -%}
    {%- set held = held_for(rule, {
        'column': 'days_in_' ~ name, 'kind': 'since', 'segment': name
    }) -%}
    {%- if held -%}
        {%- do members.append(dict(held, subject='segment ' ~ name, is_explicit=true)) -%}
        {%- set told = {
            'en': told.en ~ held.words.en,
            'ko': held.words.ko[0] ~ told.ko
                ~ ('' if not held.words.ko[0]
                    else '에 진입한 뒤' if held.words.ko[1] else '에 진입')
                ~ held.words.ko[1],
        } -%}
    {%- endif -%}
    {{ return({
        'group': 'all', 'members': members, 'segment': told, 'held': held is not none
    }) }}
{%- endmacro %}


{% macro resolved_condition(condition, at, language) -%}
    {%- set subjects = condition.keys() | select('in', language.subjects) | list -%}
    {%- if subjects | length != 1 -%}
        {{ return(refused(language, at, 'one_subject', {
            'known': (language.subjects.keys() | list + language.groups.keys() | list) | join(', '),
            'found': condition.keys() | join(', '),
        })) }}
    {%- endif -%}
    {%- set subject = subjects[0] -%}
    {%- set fault = option_fault(condition, subject, at, language) -%}
    {%- if fault -%}
        {{ return(fault) }}
    {%- elif subject == 'trait' -%}
        {{ return(resolved_trait(condition, at, language)) }}
    {%- elif subject == 'event' -%}
        {{ return(resolved_event(condition, at, language)) }}
    {%- elif subject == 'sequence' -%}
        {{ return(resolved_sequence(condition, at, language)) }}
    {%- elif subject == 'rank' -%}
        {{ return(resolved_rank(condition.rank, at, language)) }}
    {%- endif -%}
    {{ return(resolved_state(condition, subject, at, language)) }}
{%- endmacro %}


{% macro option_fault(condition, subject, at, language) -%}
    {#- What is noted of a condition's keys beside its subject; beside traits and events
        stand tests, which are judged by themselves. -#}
    {%- set options = language.subjects[subject].options or {} -%}
    {%- for key, value in condition.items() if key != subject -%}
        {%- if key not in options -%}
            {%- if subject not in ('trait', 'event') -%}
                {{ return(refused(language, at, 'unknown_key', {
                    'key': key,
                    'near': nearest_names(key | string, [subject] + options.keys() | list),
                })) }}
            {%- endif -%}
        {%- elif options[key].shape == 'days' and (value is not integer or value is boolean
            or not 1 <= value <= language.limits.days) -%}
            {{ return(refused(language, at, 'days',
                {'key': key, 'value': value | string, 'most': language.limits.days})) }}
        {%- elif options[key].shape == 'day_range' and (value is string or value is mapping
            or value is not iterable or value | length != 2
            or value | select('boolean') | list
            or value | select('integer') | list | length != 2
            or not 0 <= value[0] <= value[1] <= language.limits.days) -%}
            {{ return(refused(language, at, 'day_range',
                {'value': value | string, 'most': language.limits.days})) }}
        {%- elif options[key].shape == 'choice' and value not in options[key]['values'] -%}
            {{ return(refused(language, at, 'choice', {
                'key': key,
                'value': value | string,
                'known': options[key]['values'] | join(', '),
            })) }}
        {%- elif options[key].shape == 'event'
            and (value is not string or value not in language.events) -%}
            {{ return(refused_event(value, at, language)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}


{% macro refused_event(name, at, language) -%}
    {{ return(refused(language, at, 'unknown', {
        'what': {'en': 'event', 'ko': '행동'},
        'name': name | string,
        'near': nearest_names(name | string, language.events.keys() | list),
    })) }}
{%- endmacro %}


{% macro trait_fault(name, at, language) -%}
    {#- What is noted of the name of a trait: unknown or protected. -#}
    {%- for origin in (trait_origins(name, language.traits) if name is string else [])
        if origin in language.protected -%}
        {%- set derived = language.messages.derived -%}
        {{ return(refused(language, at, 'is_protected', {
            'name': name,
            'origin': '' if origin == name else {
                'en': derived.en.format(name=origin), 'ko': derived.ko.format(name=origin)
            },
        })) }}
    {%- endfor -%}
    {%- if name is not string or name not in language.traits -%}
        {{ return(refused(language, at, 'unknown', {
            'what': {'en': 'trait', 'ko': '고객 속성'},
            'name': name | string,
            'near': nearest_names(name | string, language.traits.keys() | list),
        })) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{% macro resolved_trait(condition, at, language) -%}
    {%- set name = condition.trait -%}
    {%- set fault = trait_fault(name, at, language) -%}
    {%- if fault -%}{{ return(fault) }}{%- endif -%}
    {%- set trait = language.traits[name] -%}
    {%- set column = language.grain.profile ~ '.' ~ name -%}
    {%- set resolved = resolved_test(condition, ['trait'], {
        'sql': column,
        'type': trait.type,
        'data_type': trait.data_type,
        'values': trait['values'],
        'labels': trait.labels,
        'is_region': trait.is_region,
        'words': trait.label,
        'unit': trait.unit,
        'phrases': trait.phrases,
    }, at, language) -%}
    {{ return(dict(resolved, **{
        'subject': 'trait ' ~ name,
        'trait': name,
        'traits': trait_origins(name, language.traits),
        'needs': trait.needs,
        'needs_days': trait.needs_days,
        'observed': column,
        'per_day': trait.per_day,
        'reason': safe_reason(trait.reason, resolved.test, resolved.value),
        'is_explicit': trait.explicit,
        'facts': [],
    })) }}
{%- endmacro %}


{% macro resolved_state(condition, subject, at, language) -%}
    {%- set told = language.subjects[subject] -%}
    {%- set trait = language.traits[told.trait] -%}
    {%- set value = condition[subject] -%}
    {%- set known = stored_values(value, trait) if value is string else [] -%}
    {%- if not known -%}
        {{ return(refused(language, at, 'unknown', {
            'what': {'en': subject, 'ko': told.ko},
            'name': value | string,
            'near': nearest_values(value | string, trait),
        })) }}
    {%- endif -%}
    {%- set value = known[0] -%}
    {%- set resolved = resolved_trait({'trait': told.trait, 'is': value}, at, language) -%}
    {%- set held = held_for(condition, {
        'column': told.trait ~ '_days', 'kind': 'held', 'since': told.trait ~ '_since'
    }) -%}
    {%- if held -%}
        {%- do resolved.update({
            'sql': '(' ~ resolved.sql ~ ' and ' ~ held.sql ~ ')',
            'facts': held.facts,
            'held_column': held.facts[0].column,
            'entered_within_days': condition.get('entered_within_days'),
            'words': {
                'en': resolved.words.en ~ held.words.en,
                'ko': held.words.ko[0] ~ '‘' ~ trait.labels[value].ko ~ '’ ' ~ told.state
                    ~ ('' if not held.words.ko[0]
                        else '로 바뀐 뒤' if held.words.ko[1] else '로 바뀜')
                    ~ held.words.ko[1],
            },
        }) -%}
    {%- endif -%}
    {{ return(resolved) }}
{%- endmacro %}


{% macro held_for(condition, fact) -%}
    {#- For how long something has been so: none when the condition does not ask. -#}
    {%- set column = 'rule_facts.' ~ fact.column -%}
    {%- set parts = [] -%}
    {#- In Korean what is said before the state, and after it. -#}
    {%- set words = {'en': '', 'ko': ['', '']} -%}
    {%- if 'for_days' in condition -%}
        {%- set days = condition.for_days -%}
        {%- do parts.append('coalesce(' ~ column ~ ' >= ' ~ days ~ ', false)') -%}
        {%- do words.update({
            'en': ' for ' ~ days ~ ' days or more',
            'ko': ['', ' ' ~ days ~ '일 이상 유지'],
        }) -%}
    {%- endif -%}
    {%- if 'entered_within_days' in condition -%}
        {%- set days = condition.entered_within_days -%}
        {%- do parts.append('coalesce(' ~ column ~ ' <= ' ~ days ~ ', false)') -%}
        {%- do words.update({
            'en': words.en ~ ', since within the last ' ~ days ~ ' days',
            'ko': ['최근 ' ~ days ~ '일 안에 ', words.ko[1]],
        }) -%}
    {%- endif -%}
    {%- if not parts -%}{{ return(none) }}{%- endif -%}
    {{ return({'sql': parts | join(' and '), 'facts': [fact], 'words': words}) }}
{%- endmacro %}


{% macro resolved_event(condition, at, language) -%}
    {%- set name = condition.event -%}
    {%- if name is not string or name not in language.events -%}
        {{ return(refused_event(name, at, language)) }}
    {%- elif 'within_days' in condition and 'between_days' in condition -%}
        {{ return(refused(language, at, 'two_windows')) }}
    {%- endif -%}
    {%- set event = language.events[name] -%}
    {%- set own_keys = ['event'] + language.subjects.event.options.keys() | list -%}
    {%- set tests = condition.keys() | reject('in', own_keys) | list -%}
    {%- set condition = dict(condition) -%}
    {%- if not tests -%}
        {%- do condition.update({'at_least': 1}) -%}
    {%- elif tests == ['never'] -%}
        {%- if condition.never is not true -%}
            {{ return(refused(language, at, 'never')) }}
        {%- endif -%}
        {%- do condition.pop('never') -%}
        {%- do condition.update({'at_most': 0}) -%}
    {%- endif -%}
    {%- set window = event_window(condition) -%}
    {%- set fact = {
        'kind': 'days',
        'column': event.column ~ window.suffix,
        'counted': event.column,
        'event': name,
        'window': window.days,
    } -%}
    {%- set where = {'asked': [], 'words': {'en': '', 'ko': ''}} -%}
    {%- if 'where' in condition -%}
        {%- set where = resolved_where(condition.where, name, at, language) -%}
        {%- if where.is_refused -%}{{ return(where) }}{%- endif -%}
        {%- do fact.update({
            'kind': 'actions',
            'column': fact.column ~ '_' ~ local_md5((condition.where.items() | list) | string)[:8],
            'where': where.sql,
        }) -%}
    {%- endif -%}
    {%- set said = where.words -%}
    {%- set resolved = resolved_test(condition, own_keys, {
        'sql': 'rule_facts.' ~ fact.column,
        'type': 'count',
        'data_type': 'int',
        'values': none,
        'labels': {},
        'words': {
            'en': event.label.en ~ said.en, 'ko': window.words.ko ~ said.ko ~ event.label.ko
        },
        'unit': 'times',
        'phrases': none,
    }, at, language) -%}
    {%- if tests == [] -%}
        {%- do resolved.words.update({'en': event.label.en ~ said.en}) -%}
    {%- elif tests == ['never'] -%}
        {%- do resolved.words.update({'en': 'never ' ~ event.label.en ~ said.en}) -%}
    {%- endif -%}
    {%- do resolved.words.update({'en': resolved.words.en ~ window.words.en}) -%}
    {%- do resolved.update({
        'subject': 'event ' ~ name,
        'event': name,
        'asked': where.asked,
        'needs': event.needs + where_needs(condition.where or {}, name, language),
        'needs_days': window.days[1] + 1 if window.days else none,
        'observed': 'rule_facts.' ~ fact.column,
        'reason': safe_reason(event.reason, resolved.test, resolved.value),
        'is_explicit': event.explicit,
        'facts': [fact],
    }) -%}
    {%- if fact.kind == 'days' and window.days and window.days[0] == 0
        and resolved.test == 'at_least' and resolved.value == 1 -%}
        {#- Once is enough, so the last time says when the window has passed. -#}
        {%- do resolved.update({
            'last_column': event.column ~ '_last',
            'window_days': window.days[1] + 1,
            'facts': [fact, {
                'kind': 'last', 'column': event.column ~ '_last', 'counted': event.column
            }],
        }) -%}
    {%- endif -%}
    {{ return(resolved) }}
{%- endmacro %}


{% macro event_window(condition) -%}
    {#- Days ago, the as-of day being 0; none = any time. -#}
    {%- if 'within_days' in condition -%}
        {%- set days = condition.within_days -%}
        {{ return({
            'days': [0, days - 1],
            'suffix': '_' ~ days ~ 'd',
            'words': {'en': ' in the last ' ~ days ~ ' days', 'ko': '최근 ' ~ days ~ '일 '},
        }) }}
    {%- elif 'between_days' in condition -%}
        {%- set from, to = condition.between_days -%}
        {{ return({
            'days': [from, to],
            'suffix': '_' ~ from ~ '_to_' ~ to ~ 'd',
            'words': {
                'en': ' from ' ~ to ~ ' to ' ~ from ~ ' days ago',
                'ko': to ~ '~' ~ from ~ '일 전 ',
            },
        }) }}
    {%- endif -%}
    {{ return({'days': none, 'suffix': '_ever', 'words': {'en': '', 'ko': ''}}) }}
{%- endmacro %}


{% macro resolved_where(where, event_name, at, language) -%}
    {#- Which actions of that name count: a condition on int_customer_actions. -#}
    {%- if where is not mapping or not where -%}
        {{ return(refused(language, at, 'where', {'shape': '{category: beauty}'})) }}
    {%- endif -%}
    {%- set is_purchase = event_name == 'purchase' -%}
    {%- set columns = language.properties.purchase if is_purchase else language.properties.other -%}
    {%- set korean = dict(language.properties.said, **columns) -%}
    {%- set parts = [] -%}
    {%- set asked = [] -%}
    {%- set words = {'en': [], 'ko': []} -%}
    {%- for key, asked_for in where.items() -%}
        {%- set is_part = asked_for is mapping and asked_for | list == ['contains'] -%}
        {%- set wanted = asked_for.contains if is_part else asked_for -%}
        {%- set many = wanted is not string and wanted is not mapping and wanted is iterable -%}
        {%- if key | string | lower in language.protected -%}
            {{ return(refused(language, at, 'is_protected', {'name': key, 'origin': ''})) }}
        {%- elif key not in columns and (is_purchase or key is not string
            or not modules.re.fullmatch(language.patterns.property, key)) -%}
            {{ return(refused(language, at, 'property',
                {'key': key, 'near': nearest_names(key | string, columns.keys() | list)})) }}
        {%- elif many and not wanted -%}
            {{ return(refused(language, at, 'empty_list', {'key': key})) }}
        {%- endif -%}
        {%- set text = 'actions.' ~ key if key in columns
            else json_text('actions.properties', key) -%}
        {%- set labels = language.traits[language.property_labels[key]].labels
            if key in language.property_labels else {} -%}
        {%- set any_of = [] -%}
        {%- set told = {'en': [], 'ko': []} -%}
        {%- for value in (wanted if many else [wanted]) -%}
            {%- if is_part and (value is not string or not value | trim) -%}
                {{ return(refused(language, at, 'part', {'key': key, 'shape': 'contains: …'})) }}
            {%- endif -%}
            {%- set stored = stored_values(value, {'labels': labels, 'values': none})
                if value is string else [value] -%}
            {%- set label = labels.get(stored[0]) if value is string -%}
            {%- if is_part -%}
                {%- do any_of.append(
                    'position(' ~ sql_text(value | trim | lower) ~ ' in ' ~ lowered(text) ~ ') > 0'
                ) -%}
            {%- elif value is string -%}
                {%- for one in stored -%}
                    {%- do any_of.append(text ~ ' = ' ~ sql_text(one)) -%}
                {%- endfor -%}
                {%- do asked.append({
                    'event': event_name, 'sql': text, 'written': value,
                    'stored': stored, 'labels': labels,
                    'words': {'en': key, 'ko': korean.get(key, key)},
                }) -%}
            {%- elif key in columns -%}
                {{ return(refused(language, at, 'property_text',
                    {'key': key, 'value': value | string})) }}
            {%- elif value is boolean -%}
                {%- do any_of.append(text ~ " = '" ~ ('true' if value else 'false') ~ "'") -%}
            {%- elif sql_literal(value, 'double') is not none -%}
                {%- do any_of.append(says_number(text, value)) -%}
            {%- else -%}
                {{ return(refused(language, at, 'property_value',
                    {'key': key, 'value': value | string})) }}
            {%- endif -%}
            {%- do told.en.append(label.en if label else value) -%}
            {%- do told.ko.append(
                '‘' ~ (label.ko if label else value) ~ '’' if value is string
                else {true: '예', false: '아니요'}[value] if value is boolean
                else value ~ ('점' if key == 'rating' else '')
            ) -%}
        {%- endfor -%}
        {%- do parts.append('(' ~ any_of | join(' or ') ~ ')') -%}
        {%- do words.en.append(key ~ (' contains ' if is_part else ' ') ~ told.en | join(' / ')) -%}
        {%- do words.ko.append(
            korean.get(key, key) ~ ' ' ~ told.ko | join('·') ~ (' 포함' if is_part)
        ) -%}
    {%- endfor -%}
    {{ return({'sql': parts | join(' and '), 'asked': asked, 'words': {
        'en': ' (' ~ words.en | join(', ') ~ ')', 'ko': words.ko | join(', ') ~ ' ',
    }}) }}
{%- endmacro %}


{% macro where_needs(where, event_name, language) -%}
    {#- Sources of the properties that are asked for; what is no column is in the JSON. -#}
    {%- set columns = language.property_needs['purchase' if event_name == 'purchase' else 'other'] -%}
    {%- set needs = [] -%}
    {%- for key in where -%}
        {%- do needs.append(columns.get(key, 'events.properties')) -%}
    {%- endfor -%}
    {{ return(needs) }}
{%- endmacro %}


{% macro says_number(text, value) -%}
    {#- Ids may have more digits than a double. A text such as 1_000 is no number, though
        DuckDB would cast it. -#}
    {%- set pattern = '^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$' -%}
    {%- set number = '%.9f' % value if value is float else value | string -%}
    {{ return(
        'case when ' ~ matches(text, pattern) ~ ' then try_cast(' ~ text
        ~ ' as decimal(38, 9)) end = try_cast(' ~ sql_text(number) ~ ' as decimal(38, 9))'
    ) }}
{%- endmacro %}


{% macro resolved_sequence(condition, at, language) -%}
    {%- set steps = condition.sequence -%}
    {%- set fewest, most = language.limits.steps -%}
    {%- if steps is string or steps is mapping or steps is not iterable
        or not fewest <= steps | length <= most -%}
        {{ return(refused(language, at, 'steps')) }}
    {%- endif -%}
    {%- for step in steps if step is not string or step not in language.events -%}
        {{ return(refused_event(step, at, language)) }}
    {%- endfor -%}
    {%- set days = condition.get('within_days') -%}
    {%- set then_not = condition.get('then_not') -%}
    {%- set events = [] -%}
    {%- for name in steps | list + ([then_not] if then_not else []) -%}
        {%- do events.append(language.events[name]) -%}
    {%- endfor -%}
    {%- set fact = {
        'kind': 'sequence',
        'column': 'sequence_' ~ local_md5((
            [steps | list, days, condition.get('same'), then_not]
        ) | string)[:10],
        'steps': steps | list,
        'days': days,
        'same': condition.get('same'),
        'then_not': then_not,
    } -%}
    {%- set labels = events | map(attribute='label') | list -%}
    {%- set last = labels[steps | length - 1:] -%}
    {{ return({
        'sql': 'rule_facts.' ~ fact.column,
        'words': {
            'en': labels[:steps | length] | map(attribute='en') | join(', then ')
                ~ (' (same product)' if condition.same else '')
                ~ (', then not ' ~ last[1].en if then_not else '')
                ~ (' in the last ' ~ days ~ ' days' if days else ''),
            'ko': ('최근 ' ~ days ~ '일 ' if days else '')
                ~ labels[:steps | length] | map(attribute='ko') | join(' → ')
                ~ (' (같은 상품)' if condition.same else '')
                ~ (', 이후 ' ~ last[1].ko ~ ' 없음' if then_not else ''),
        },
        'subject': 'sequence ' ~ steps | join(', '),
        'needs': events | map(attribute='needs') | sum(start=[])
            + (['events.product_id'] if condition.same else []),
        'is_explicit': events | rejectattr('explicit') | list == [],
        'facts': [fact],
    }) }}
{%- endmacro %}


{% macro resolved_rank(rank, at, language) -%}
    {%- set most = language.limits.rank -%}
    {%- if rank is not mapping or rank | length != 2 or 'by' not in rank
        or ('top' not in rank and 'top_percent' not in rank) -%}
        {{ return(refused(language, at, 'rank', {'shape': {
            'en': '{by: trait, top: n} or {by: trait, top_percent: n}',
            'ko': '{by: trait, top: n} 또는 {by: trait, top_percent: n}',
        }})) }}
    {%- endif -%}
    {%- set fault = trait_fault(rank.by, at, language) -%}
    {%- if fault -%}{{ return(fault) }}{%- endif -%}
    {%- set trait = language.traits[rank.by] -%}
    {%- if 'at_least' not in language.types[trait.type].tests -%}
        {{ return(refused(language, at, 'rank_type', {'name': rank.by, 'type': trait.type})) }}
    {%- elif 'top' in rank
        and (rank.top is not integer or rank.top is boolean or not 1 <= rank.top <= most) -%}
        {{ return(refused(language, at, 'rank_top', {'value': rank.top | string, 'most': most})) }}
    {%- elif 'top_percent' in rank and (rank.top_percent is not number
        or rank.top_percent is boolean or not 0 < rank.top_percent <= 100) -%}
        {{ return(refused(language, at, 'rank_percent', {'value': rank.top_percent | string})) }}
    {%- endif -%}
    {%- set fact = {'kind': 'rank', 'column': 'rank_of_' ~ rank.by, 'trait': rank.by} -%}
    {%- set column = 'rule_facts.' ~ fact.column -%}
    {%- if 'top' in rank -%}
        {%- set sql = column ~ ' <= ' ~ rank.top -%}
        {%- set words = {'en': 'top ' ~ rank.top ~ ' by ', 'ko': ' 상위 ' ~ rank.top ~ '명'} -%}
    {%- else -%}
        {%- set percent = rank.top_percent -%}
        {#- The share is rounded up, so that somebody is at the top of any shop. -#}
        {%- set sql = '(' ~ column ~ ' - 1) * 100 < ' ~ sql_literal(percent, 'double')
            ~ ' * rule_facts.count_of_' ~ rank.by -%}
        {%- set words = {
            'en': 'top ' ~ percent ~ ' % by ', 'ko': ' 상위 ' ~ percent ~ '%'
        } -%}
    {%- endif -%}
    {{ return({
        'sql': 'coalesce(' ~ sql ~ ', false)',
        'words': {'en': words.en ~ trait.label.en, 'ko': trait.label.ko ~ words.ko},
        'subject': 'trait ' ~ rank.by,
        'traits': trait_origins(rank.by, language.traits),
        'needs': trait.needs,
        'is_explicit': trait.explicit,
        'facts': [fact],
    }) }}
{%- endmacro %}


{% macro resolved_test(condition, own_keys, subject, at, language) -%}
    {#- The test of a condition as SQL that is never null, and in words. -#}
    {%- set type = language.types[subject.type] -%}
    {%- set tests = condition.keys() | reject('in', own_keys) | list -%}
    {%- if tests | length != 1 -%}
        {{ return(refused(language, at, 'one_test', {
            'known': type.tests | join(', '),
            'found': tests | join(', ') or language.messages.nothing,
        })) }}
    {%- endif -%}
    {%- set test = tests[0] -%}
    {%- if test not in type.tests -%}
        {{ return(refused(language, at, 'wrong_test', {
            'test': test,
            'type': {'en': subject.type, 'ko': type.ko},
            'known': type.tests | join(', '),
        })) }}
    {%- endif -%}
    {%- set told = language.tests[test] -%}
    {%- set value = condition[test] -%}
    {%- set many = told.takes in ('several', 'pair') -%}
    {%- if many and (value is string or value is mapping or value is not iterable or not value) -%}
        {{ return(refused(language, at, 'takes_list', {'test': test})) }}
    {%- elif told.takes == 'pair' and value | length != 2 -%}
        {{ return(refused(language, at, 'takes_pair')) }}
    {%- endif -%}
    {%- set literal_type = 'boolean' if told.takes == 'truth'
        else subject.data_type if type.literal in ('decimal', 'double') else type.literal -%}
    {%- set is_text = literal_type == 'string' -%}
    {#- What each value is called in tables, as known and as SQL. -#}
    {%- set known = [] -%}
    {%- set groups = [] -%}
    {%- set literals = [] -%}
    {%- set asked = [] -%}
    {%- for each in (value if many else [value]) -%}
        {%- set literal = sql_literal(each, literal_type) -%}
        {%- set stored = [each] if literal is none or not is_text
            else stored_values(each, subject) -%}
        {%- if literal is none -%}
            {{ return(refused(language, at, 'wrong_value', {
                'test': test,
                'value': each | string,
                'kind': language.kinds[literal_type.split('(')[0]],
            })) }}
        {%- elif not stored -%}
            {{ return(refused(language, at, 'unknown', {
                'what': {'en': 'value', 'ko': '값'},
                'name': each,
                'near': nearest_values(each, subject),
            })) }}
        {%- elif subject.type == 'list' and test != 'known' and '|' in each -%}
            {{ return(refused(language, at, 'bar', {'test': test, 'value': each})) }}
        {%- endif -%}
        {%- set spelled = [] -%}
        {%- for one in stored -%}
            {%- do spelled.append(sql_literal(one, literal_type)) -%}
        {%- endfor -%}
        {%- do groups.append(spelled) -%}
        {%- do literals.extend(spelled) -%}
        {%- do known.append(stored[0]) -%}
        {%- if is_text and not subject['values'] -%}
            {%- do asked.append({
                'sql': subject.sql, 'is_list': subject.type == 'list', 'written': each,
                'stored': stored, 'labels': subject.labels, 'words': subject.words,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set judging = language.tests[told.of_several]
        if told.takes == 'one' and literals | length > 1 else told -%}
    {%- set parts = [] -%}
    {%- for group in (groups if judging.joined else [literals]) -%}
        {%- set any_of = [] -%}
        {%- for first in (group if judging.joined else group[:1]) -%}
            {%- do any_of.append(judging.sql.format(
                subject=subject.sql,
                first=first,
                last=group[-1],
                values=group | unique(case_sensitive=true) | join(', '),
                presence='not null' if value is true else 'null',
            )) -%}
        {%- endfor -%}
        {%- do parts.append('(' ~ any_of | join(' or ') ~ ')' if any_of | length > 1
            else any_of[0]) -%}
    {%- endfor -%}
    {%- set sql = '(' ~ parts | join(judging.joined) ~ ')' if judging.joined else parts[0] -%}
    {%- set value = known if many else known[0] -%}
    {{ return({
        'sql': 'coalesce(' ~ sql ~ ', false)',
        'words': test_words(test, value, subject, language),
        'test': test,
        'value': value,
        'asked': asked,
    }) }}
{%- endmacro %}
