{% macro resolved_rule(rule, at, language) -%}
    {#- The rule with other segments written out in place: groups and conditions only,
        each condition checked and with its SQL. -#}
    {%- if rule is not mapping or not rule -%}
        {%- do rule_error(at, 'a condition is one mapping, such as {trait: age_band, is: 30s}') -%}
    {%- endif -%}
    {%- set groups = rule.keys() | select('in', ['all', 'any', 'none']) | list -%}
    {%- if groups -%}
        {%- if rule | length > 1 -%}
            {%- do rule_error(at, 'a group stands alone; ' ~ rule.keys() | join(' and ')
                ~ ' are together') -%}
        {%- endif -%}
        {%- set group = groups[0] -%}
        {%- if rule[group] is string or rule[group] is mapping
            or rule[group] is not iterable or not rule[group] -%}
            {%- do rule_error(at, group ~ ' is empty; it takes a list of conditions') -%}
        {%- endif -%}
        {%- if at.path.split('.') | length > 8 -%}
            {%- do rule_error(at, 'groups nest deeper than 8') -%}
        {%- endif -%}
        {%- set members = [] -%}
        {%- for member in rule[group] -%}
            {%- do members.append(resolved_rule(
                member, below(at, '.' ~ group ~ '[' ~ loop.index0 ~ ']'), language
            )) -%}
        {%- endfor -%}
        {{ return({'group': group, 'members': members}) }}
    {%- endif -%}
    {%- if 'segment' in rule -%}
        {%- set name = rule.segment -%}
        {%- if name is not string or name not in language.segments -%}
            {%- do rule_error(at, 'unknown segment ' ~ name ~ '; '
                ~ nearest_names(name | string, language.segments.keys() | list)) -%}
        {%- endif -%}
        {%- set held = held_for(rule, 'segment', {
            'column': 'days_in_' ~ name, 'kind': 'since', 'segment': name
        }, at) -%}
        {%- if name in at.inside -%}
            {%- do rule_error(at, 'a circle: ' ~ (at.inside + [name]) | join(' → ')) -%}
        {%- endif -%}
        {%- set segment = language.segments[name] -%}
        {%- set members = [resolved_segment(segment, at.inside, language)] -%}
        {%- set told = segment_words(segment) -%}
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
    {%- endif -%}
    {{ return(resolved_condition(rule, at, language)) }}
{%- endmacro %}
