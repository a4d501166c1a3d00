{% macro resolved_rank(condition, at, language) -%}
    {%- do refuse_unknown_keys(condition, ['rank'], at) -%}
    {%- set rank = condition.rank -%}
    {%- if rank is not mapping or rank | length != 2 or 'by' not in rank
        or ('top' not in rank and 'top_percent' not in rank) -%}
        {%- do rule_error(at, 'rank takes {by: trait, top: n} or {by: trait, top_percent: n}') -%}
    {%- endif -%}
    {%- set trait = known_trait(rank.by, at, language) -%}
    {%- if trait.type not in ('int', 'bigint', 'decimal', 'double', 'date') -%}
        {%- do rule_error(at, 'rank: ' ~ rank.by ~ ' is ' ~ trait.type
            ~ '; ranked are numbers and dates') -%}
    {%- endif -%}
    {%- set fact = {'kind': 'rank', 'column': 'rank_of_' ~ rank.by, 'trait': rank.by} -%}
    {%- set column = 'rule_facts.' ~ fact.column -%}
    {%- if 'top' in rank -%}
        {%- if rank.top is not integer or rank.top is boolean or not 1 <= rank.top <= 10000000 -%}
            {%- do rule_error(at, 'rank: top is ' ~ rank.top
                ~ '; it takes a whole number from 1 to 10000000') -%}
        {%- endif -%}
        {%- set sql = column ~ ' <= ' ~ rank.top -%}
        {%- set words = {'en': 'top ' ~ rank.top ~ ' by ', 'ko': ' 상위 ' ~ rank.top ~ '명'} -%}
    {%- else -%}
        {%- set percent = rank.top_percent -%}
        {%- if percent is not number or percent is boolean or not 0 < percent <= 100 -%}
            {%- do rule_error(at, 'rank: top_percent is ' ~ percent
                ~ '; it takes a number above 0, to 100') -%}
        {%- endif -%}
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
        'is_explicit': trait.explicit,
        'facts': [fact],
    }) }}
{%- endmacro %}
