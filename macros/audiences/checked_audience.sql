{% macro checked_audience(given, at, segment_names) -%}
    {%- set channels = ['email', 'sms', 'push', 'alimtalk', 'brand_message', 'in_app', 'ads'] -%}
    {%- set known = {
        'name': none, 'label': none, 'channel': none, 'message_class': none,
        'campaign': none, 'segments': none, 'third_party': false,
        'holdout': {'share': 0, 'salt': ''}, 'cap': none, 'cool_down': none,
        'priority': none, 'send_window': ['09:00', '20:00'],
        'guards': {},
    } -%}
    {%- set ns = namespace(problem=none) -%}
    {%- for key in given if key not in known -%}
        {%- set ns.problem = 'unknown key ' ~ key ~ '; ' ~ nearest_names(key, known.keys() | list) -%}
    {%- endfor -%}
    {%- for key in ['name', 'label', 'channel', 'message_class', 'campaign', 'segments']
        if not given.get(key) -%}
        {%- set ns.problem = key ~ ' is missing' -%}
    {%- endfor -%}
    {%- if not ns.problem and given.segments is mapping -%}
        {%- for key, names in given.segments.items() -%}
            {%- if names is string or names is mapping or names is not iterable -%}
                {%- set ns.problem = 'segments: ' ~ key ~ ' takes a list' -%}
            {%- endif -%}
        {%- endfor -%}
    {%- elif not ns.problem -%}
        {%- set ns.problem = 'segments must be {any_of: [names], none_of: [names]}' -%}
    {%- endif -%}
    {%- if not ns.problem -%}
        {%- set spec = dict(known, **given) -%}
        {%- set segments = dict({'any_of': [], 'all_of': [], 'none_of': []}, **spec.segments) -%}
        {%- set guards = dict(
            {'min_rows': 0, 'max_rows': 10000000, 'max_removed_share': 0.5}, **spec.guards
        ) -%}
        {%- set clock = '([01][0-9]|2[0-3]):[0-5][0-9]|24:00' -%}
        {%- if not modules.re.fullmatch('[a-z][a-z0-9_]{0,62}', spec.name | string) -%}
            {%- set ns.problem = 'the name must be lower case letters, digits and _' -%}
        {%- elif spec.label is not mapping or spec.label.keys() | sort != ['en', 'ko'] -%}
            {%- set ns.problem = 'label must be {en: …, ko: …}' -%}
        {%- elif spec.channel not in channels -%}
            {%- set ns.problem = 'unknown channel ' ~ spec.channel ~ '; '
                ~ nearest_names(spec.channel | string, channels) -%}
        {%- elif spec.message_class not in ('ad', 'info') -%}
            {%- set ns.problem = 'message_class is ad or info, not ' ~ spec.message_class -%}
        {%- elif spec.channel == 'alimtalk' and spec.message_class == 'ad' -%}
            {%- set ns.problem = 'alimtalk carries information only; '
                ~ 'advertising on Kakao goes by brand_message' -%}
        {%- elif not segments.any_of and not segments.all_of -%}
            {%- set ns.problem = 'segments needs any_of or all_of' -%}
        {%- elif spec.holdout is not mapping or spec.holdout.keys() | sort != ['salt', 'share']
            or spec.holdout.share is not number or not 0 <= spec.holdout.share <= 0.9
            or (spec.holdout.share > 0 and not spec.holdout.salt) -%}
            {%- set ns.problem = 'holdout must be {share: 0 to 0.9, salt: a word}' -%}
        {%- elif spec.cap is not none and (spec.cap is not mapping
            or spec.cap.keys() | sort != ['days', 'messages']
            or spec.cap.days is not integer or spec.cap.messages is not integer
            or spec.cap.days < 1 or spec.cap.messages < 1) -%}
            {%- set ns.problem = 'cap must be {messages: n, days: n}' -%}
        {%- elif spec.cool_down is not none and (spec.cool_down is not mapping
            or spec.cool_down.get('days') is not integer or spec.cool_down.days < 1
            or spec.cool_down.keys() | reject('in', ['days', 'product_ids', 'categories']) | list) -%}
            {%- set ns.problem = 'cool_down must be {days: n}, with product_ids or categories '
                ~ 'if only those count' -%}
        {%- elif spec.priority is not none and (spec.priority is not mapping
            or spec.priority.keys() | sort != ['list', 'rank']
            or spec.priority.rank is not integer) -%}
            {%- set ns.problem = 'priority must be {list: a name, rank: n}' -%}
        {%- elif spec.send_window is string or spec.send_window | length != 2
            or not modules.re.fullmatch(clock, spec.send_window[0] | string)
            or not modules.re.fullmatch(clock, spec.send_window[1] | string) -%}
            {%- set ns.problem = 'send_window must be ["09:00", "20:00"], in quotes' -%}
        {%- elif guards.keys() | sort != ['max_removed_share', 'max_rows', 'min_rows'] -%}
            {%- set ns.problem = 'guards are min_rows, max_rows and max_removed_share' -%}
        {%- elif guards.min_rows is not integer or guards.max_rows is not integer
            or not 0 <= guards.min_rows <= guards.max_rows -%}
            {%- set ns.problem = 'guards: min_rows and max_rows are whole numbers from 0 up' -%}
        {%- elif guards.max_removed_share is not number
            or not 0 <= guards.max_removed_share <= 1 -%}
            {%- set ns.problem = 'guards: max_removed_share is a share from 0 to 1' -%}
        {%- elif spec.third_party is not boolean -%}
            {%- set ns.problem = 'third_party is true or false' -%}
        {%- endif -%}
        {%- for key in segments if key not in ('any_of', 'all_of', 'none_of') -%}
            {%- set ns.problem = 'segments: unknown key ' ~ key ~ '; known are any_of, all_of, none_of' -%}
        {%- endfor -%}
        {%- for name in segments.any_of + segments.all_of + segments.none_of -%}
            {%- if name not in segment_names -%}
                {%- set ns.problem = 'unknown segment ' ~ name ~ '; '
                    ~ nearest_names(name, segment_names) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if ns.problem -%}
        {{ exceptions.raise_compiler_error(at ~ ns.problem) }}
    {%- endif -%}
    {%- set opens, closes = spec.send_window -%}
    {%- do spec.update({
        'segments': segments,
        'guards': guards,
        'touches_night': opens < '08:00' or closes > '21:00' or opens >= closes,
        'third_party': spec.third_party or spec.channel == 'ads',
    }) -%}
    {{ return(spec) }}
{%- endmacro %}
