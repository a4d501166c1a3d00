{% macro rule_sql(rule) -%}
    {%- if 'group' not in rule -%}{{ return(rule.sql) }}{%- endif -%}
    {%- set members = [] -%}
    {%- for member in rule.members -%}
        {%- do members.append(rule_sql(member)) -%}
    {%- endfor -%}
    {%- set joined = '(' ~ members | join(' and ' if rule.group == 'all' else ' or ') ~ ')' -%}
    {{ return('not ' ~ joined if rule.group == 'none' else joined) }}
{%- endmacro %}


{% macro rule_version(rule) -%}
    {#- The same on both engines, of which one writes backslashes twice. -#}
    {{ return(local_md5(modules.re.sub('\\\\+', '/', rule_sql(rule)))[:12]) }}
{%- endmacro %}


{% macro rule_conditions(rule) -%}
    {%- if 'group' not in rule -%}{{ return([rule]) }}{%- endif -%}
    {%- set conditions = [] -%}
    {%- for member in rule.members -%}
        {%- do conditions.extend(rule_conditions(member)) -%}
    {%- endfor -%}
    {{ return(conditions) }}
{%- endmacro %}


{% macro rule_traits(rule) -%}
    {#- Traits that a rule decides by, and what those come from. -#}
    {%- set traits = [] -%}
    {%- for condition in rule_conditions(rule) -%}
        {%- do traits.extend(condition.traits or []) -%}
    {%- endfor -%}
    {{ return(traits | unique | sort) }}
{%- endmacro %}


{% macro outer_conditions(segments) -%}
    {#- What must all hold for each segment: the parts of an outermost `all`, else the
        rule as one; by name and number, and called `<segment>__<number>`. -#}
    {%- set conditions = [] -%}
    {%- for segment in segments -%}
        {%- set rule = segment.rule -%}
        {%- set are_several = rule.group == 'all' and not rule.segment -%}
        {%- for condition in (rule.members if are_several else [rule]) -%}
            {%- set value = condition.value -%}
            {%- if value is not string and value is iterable -%}
                {%- set value = value | join(', ') -%}
            {%- elif value is boolean -%}
                {%- set value = value | lower -%}
            {%- endif -%}
            {%- do conditions.append(dict(
                condition,
                column=segment.name ~ '__' ~ loop.index,
                threshold=value if condition.test else '',
                of_segment=segment.name,
                number=loop.index,
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(conditions) }}
{%- endmacro %}


{% macro flag_columns(segments, conditions) -%}
    {#- Select lists of int_segment_flags: who meets which condition, who is in which
        segment by that. -#}
    {%- set answers = ['customers.customer_id'] -%}
    {%- set names = {} -%}
    {%- for condition in conditions -%}
        {%- do answers.append(rule_sql(condition) ~ ' as ' ~ condition.column) -%}
        {%- do names.setdefault(condition.of_segment, []).append(condition.column) -%}
    {%- endfor -%}
    {%- set decisions = ['*'] -%}
    {%- for segment in segments -%}
        {%- do decisions.append(names[segment.name] | join(' and ') ~ ' as ' ~ segment.name) -%}
    {%- endfor -%}
    {{ return({'answers': answers, 'decisions': decisions}) }}
{%- endmacro %}


{% macro days_until_unmet(condition) -%}
    {#- SQL of the days until a condition that is met no longer is, if nothing is done but
        time goes by; null = never by time alone, or not known. -#}
    {%- set test = condition.test -%}
    {%- set value = condition.value -%}
    {%- set lower, upper = value if test == 'between' else (value, value) -%}
    {%- set steps = none -%}
    {%- if condition.per_day and condition.per_day > 0 -%}
        {%- set steps = {
            'at_most': upper ~ ' - ' ~ condition.observed,
            'between': upper ~ ' - ' ~ condition.observed,
            'below': upper ~ ' - 1 - ' ~ condition.observed,
        }.get(test) -%}
    {%- elif condition.per_day -%}
        {%- set steps = {
            'at_least': condition.observed ~ ' - ' ~ lower,
            'between': condition.observed ~ ' - ' ~ lower,
            'above': condition.observed ~ ' - 1 - ' ~ lower,
        }.get(test) -%}
    {%- endif -%}
    {%- if steps -%}
        {{ return('(floor(' ~ steps ~ ') + 1)') }}
    {%- endif -%}
    {%- set ends = [] -%}
    {%- if condition.trait == 'purchase_stage' and test == 'is' -%}
        {%- set profile = condition.observed.split('.')[0] -%}
        {%- do ends.append(days_between(
            as_of_date(), 'coalesce(' ~ profile ~ '.slips_on, ' ~ profile ~ '.churns_on)'
        )) -%}
    {%- endif -%}
    {%- if condition.entered_within_days -%}
        {%- do ends.append(
            condition.entered_within_days ~ ' + 1 - rule_facts.' ~ condition.held_column
        ) -%}
    {%- endif -%}
    {%- if condition.last_column -%}
        {%- do ends.append(
            days_between(as_of_date(), 'rule_facts.' ~ condition.last_column)
            ~ ' + ' ~ condition.window_days
        ) -%}
    {%- endif -%}
    {#- Whatever ends first; `least` passes over what is not known. -#}
    {%- if ends | length > 1 -%}
        {{ return('least(' ~ ends | join(', ') ~ ')') }}
    {%- elif ends -%}
        {{ return('(' ~ ends[0] ~ ')') }}
    {%- endif -%}
    {{ return('null') }}
{%- endmacro %}
