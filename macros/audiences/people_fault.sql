{% macro people_fault(spec) -%}
    {#- What is wrong with who of the segments is left out or belongs to which arm. -#}
    {%- set most = 1000000 -%}
    {%- for key, keys in {
        'holdout': {'required': ['share', 'salt'], 'optional': []},
        'split': {'required': ['salt', 'arms'], 'optional': []},
        'cap': {'required': ['messages', 'days'], 'optional': []},
        'cool_down': {'required': ['days'], 'optional': ['product_ids', 'categories']},
        'priority': {'required': ['list', 'rank'], 'optional': []},
    }.items() if key in spec -%}
        {%- set fault = keys_fault(key ~ ': ', spec[key], keys) -%}
        {%- if fault -%}{{ return(fault) }}{%- endif -%}
    {%- endfor -%}
    {%- set holdout = spec.get('holdout', {'share': 0, 'salt': ''}) -%}
    {%- if not is_between(holdout.share, 0, 0.9) or holdout.salt is not string
        or (holdout.share > 0 and not is_word(holdout.salt)) -%}
        {{ return('holdout: must be {share: 0 to 0.9, salt: a word}') }}
    {%- elif 'cap' in spec and not (is_whole(spec.cap.messages, 1, most)
        and is_whole(spec.cap.days, 1, most)) -%}
        {{ return('cap: must be {messages: n, days: n}, whole numbers from 1 up') }}
    {%- elif 'cool_down' in spec and not (is_whole(spec.cool_down.days, 1, most)
        and is_word_list(spec.cool_down.get('product_ids', []))
        and is_word_list(spec.cool_down.get('categories', []))) -%}
        {{ return('cool_down: must be {days: n}, with lists product_ids or categories if only '
            ~ 'those count') }}
    {%- elif 'priority' in spec and not (is_word(spec.priority.list)
        and is_whole(spec.priority.rank, -most, most)) -%}
        {{ return('priority: must be {list: a name, rank: a whole number}') }}
    {%- elif 'split' in spec -%}
        {{ return(split_fault(spec.split, holdout)) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
