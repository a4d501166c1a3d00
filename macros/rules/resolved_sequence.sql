{% macro resolved_sequence(condition, at, language) -%}
    {%- do refuse_unknown_keys(
        condition, ['sequence', 'within_days', 'same', 'then_not'], at
    ) -%}
    {%- set steps = condition.sequence -%}
    {%- if steps is string or steps is mapping or steps is not iterable
        or not 2 <= steps | length <= 5 -%}
        {%- do rule_error(at, 'sequence takes a list of two to five events') -%}
    {%- endif -%}
    {%- set events = [] -%}
    {%- for step in steps -%}
        {%- do events.append(known_event(step, at, language)) -%}
    {%- endfor -%}
    {%- set days = none -%}
    {%- if 'within_days' in condition -%}
        {%- set days = whole_days('within_days', condition.within_days, at) -%}
    {%- endif -%}
    {%- if 'same' in condition and condition.same != 'product_id' -%}
        {%- do rule_error(at, 'same is ' ~ condition.same ~ '; it takes product_id') -%}
    {%- endif -%}
    {%- set then_not = condition.get('then_not') -%}
    {%- if 'then_not' in condition -%}
        {%- do events.append(known_event(then_not, at, language)) -%}
    {%- endif -%}
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
        'is_explicit': events | rejectattr('explicit') | list == [],
        'facts': [fact],
    }) }}
{%- endmacro %}
