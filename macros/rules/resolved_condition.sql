{% macro resolved_condition(condition, at, language) -%}
    {%- set subjects = condition.keys()
        | select('in', ['trait', 'event', 'sequence', 'rank', 'stage', 'activity']) | list -%}
    {%- if subjects | length != 1 -%}
        {%- set known = ['trait', 'event', 'segment', 'stage', 'activity', 'sequence', 'rank',
            'all', 'any', 'none'] -%}
        {%- do rule_error(at, 'one subject is needed, of ' ~ known | join(', ') ~ '; found '
            ~ (condition.keys() | join(', '))) -%}
    {%- endif -%}
    {%- set subject = subjects[0] -%}
    {%- if subject == 'sequence' -%}
        {{ return(resolved_sequence(condition, at, language)) }}
    {%- elif subject == 'rank' -%}
        {{ return(resolved_rank(condition, at, language)) }}
    {%- elif subject == 'event' -%}
        {{ return(resolved_event(condition, at, language)) }}
    {%- elif subject == 'trait' -%}
        {{ return(resolved_trait(condition, at, language)) }}
    {%- endif -%}
    {%- set trait = {'stage': 'purchase_stage', 'activity': 'activity_state'}[subject] -%}
    {%- set values = language.traits[trait]['values'] -%}
    {%- if condition[subject] not in values -%}
        {%- do rule_error(at, 'unknown ' ~ subject ~ ' ' ~ condition[subject] ~ '; '
            ~ nearest_names(condition[subject], values)) -%}
    {%- endif -%}
    {%- set held = held_for(condition, subject, {
        'column': trait ~ '_days',
        'kind': 'held',
        'since': trait ~ '_since',
    }, at) -%}
    {%- set resolved = resolved_trait(
        {'trait': trait, 'is': condition[subject]}, at, language
    ) -%}
    {%- if held -%}
        {%- set value = condition[subject] -%}
        {%- set label = (language.labels.get(trait, {}).get(value) or {}).get('ko', value) -%}
        {%- do resolved.update({
            'sql': '(' ~ resolved.sql ~ ' and ' ~ held.sql ~ ')',
            'facts': held.facts,
            'held_column': held.facts[0].column,
            'entered_within_days': condition.get('entered_within_days'),
            'words': {
                'en': resolved.words.en ~ held.words.en,
                'ko': held.words.ko[0] ~ '‘' ~ label ~ '’ '
                    ~ {'stage': '단계', 'activity': '상태'}[subject]
                    ~ ('' if not held.words.ko[0]
                        else '로 바뀐 뒤' if held.words.ko[1] else '로 바뀜')
                    ~ held.words.ko[1],
            },
        }) -%}
    {%- endif -%}
    {{ return(resolved) }}
{%- endmacro %}
