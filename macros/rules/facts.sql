{% macro rule_facts(segments) -%}
    {#- What the rules ask beside the profile: each fact once, by kind. -#}
    {%- set found = {} -%}
    {%- for segment in segments -%}
        {%- for condition in rule_conditions(segment.rule) -%}
            {%- for fact in condition.facts -%}
                {%- do found.update({fact.column: fact}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set facts = {
        'days': [], 'last': [], 'actions': [], 'sequence': [], 'rank': [], 'held': [], 'since': [],
        'cohort': [],
    } -%}
    {%- for column, fact in found.items() | sort -%}
        {%- do facts[fact.kind].append(fact) -%}
    {%- endfor -%}
    {{ return(facts) }}
{%- endmacro %}


{% macro fact_events(facts) -%}
    {#- The events that some facts are about, as a list of SQL. -#}
    {%- set events = [] -%}
    {%- for fact in facts -%}
        {%- do events.extend(
            [fact.event] if fact.event else fact.steps + [fact.then_not] if fact.then_not
            else fact.steps
        ) -%}
    {%- endfor -%}
    {{ return(sql_list(events | unique | sort)) }}
{%- endmacro %}


{% macro fact_columns(facts, source) -%}
    {#- Select list of int_rule_facts: one column for each fact of one source. -#}
    {%- set columns = [] -%}
    {%- if source == 'days' -%}
        {%- for fact in facts.last -%}
            {%- do columns.append(
                'max(case when ' ~ fact.counted ~ ' > 0 then active_on end) as ' ~ fact.column
            ) -%}
        {%- endfor -%}
        {%- for fact in facts.days -%}
            {%- do columns.append(day_count(fact) ~ ' as ' ~ fact.column) -%}
        {%- endfor -%}
    {%- elif source == 'actions' -%}
        {%- for fact in facts.actions -%}
            {%- do columns.append(action_count(fact) ~ ' as ' ~ fact.column) -%}
        {%- endfor -%}
    {%- elif source == 'sequence' -%}
        {%- for fact in facts.sequence -%}
            {%- do columns.append('max(' ~ sequence_outcome(fact) ~ ') as ' ~ fact.column) -%}
        {%- endfor -%}
    {%- elif source == 'recorded' -%}
        {%- for fact in facts.since -%}
            {%- do columns.append(
                'case when ' ~ recorded_net(fact.segment)
                ~ ' = 1 then max(case when segment = ' ~ sql_text(fact.segment)
                ~ ' then changed_on end) end as since_' ~ fact.segment
            ) -%}
        {%- endfor -%}
        {%- for fact in facts.cohort -%}
            {%- do columns.append(
                recorded_net(fact.segment, fact.day) ~ ' = 1 as ' ~ fact.column
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}


{% macro gathered_facts(facts, grain) -%}
    {#- Select list of int_rule_facts: every fact of a customer, whoever never did anything
        included. -#}
    {%- set key = grain.profile ~ '.' ~ grain.key -%}
    {%- set columns = [key] -%}
    {%- for fact in facts.days + facts.actions -%}
        {%- do columns.append('coalesce(' ~ fact.column ~ ', 0) as ' ~ fact.column) -%}
    {%- endfor -%}
    {%- for fact in facts.last -%}
        {%- do columns.append(fact.column) -%}
    {%- endfor -%}
    {%- for fact in facts.sequence -%}
        {%- do columns.append(
            'coalesce(sequences.' ~ fact.column ~ ', false) as ' ~ fact.column
        ) -%}
    {%- endfor -%}
    {%- for fact in facts.rank -%}
        {%- set trait = grain.profile ~ '.' ~ fact.trait -%}
        {%- do columns.extend([
            'case when ' ~ trait ~ ' is not null then row_number() over (order by ' ~ trait
                ~ ' desc nulls last, ' ~ key ~ ') end as ' ~ fact.column,
            'count(' ~ trait ~ ') over () as count_of_' ~ fact.trait,
        ]) -%}
    {%- endfor -%}
    {%- for fact in facts.held -%}
        {%- do columns.append(
            days_between(grain.profile ~ '.' ~ fact.since, as_of_date()) ~ ' + 1 as ' ~ fact.column
        ) -%}
    {%- endfor -%}
    {#- Who enters today is in on the first day. -#}
    {%- for fact in facts.since -%}
        {%- do columns.append(
            'coalesce(' ~ days_between('recorded.since_' ~ fact.segment, as_of_date())
            ~ ' + 1, 1) as ' ~ fact.column
        ) -%}
    {%- endfor -%}
    {#- Null on the day itself: the rule decides. -#}
    {%- for fact in facts.cohort -%}
        {%- set day = "date '" ~ fact.day ~ "'" -%}
        {%- do columns.append(
            'case when ' ~ as_of_date() ~ ' < ' ~ day ~ ' then false when ' ~ as_of_date()
            ~ ' > ' ~ day ~ ' then coalesce(recorded.' ~ fact.column ~ ', false) end as '
            ~ fact.column
        ) -%}
    {%- endfor -%}
    {{ return(columns | map('trim') | join(',\n        ')) }}
{%- endmacro %}


{% macro window_condition(window, day) -%}
    {#- Whether a day lies so many days ago, [from, to], the as-of day being 0. -#}
    {%- if window is none -%}{{ return('true') }}{%- endif -%}
    {%- set until = '' if window[0] == 0
        else ' and ' ~ day ~ ' <= ' ~ as_of_date() ~ ' - ' ~ window[0] -%}
    {{ return(day ~ ' >= ' ~ as_of_date() ~ ' - ' ~ window[1] ~ until) }}
{%- endmacro %}


{% macro day_count(fact) -%}
    {#- How often something was done in a window, summed over the days of customer_days. -#}
    {%- if fact.window is none -%}{{ return('sum(' ~ fact.counted ~ ')') }}{%- endif -%}
    {{ return(
        'sum(case when ' ~ window_condition(fact.window, 'active_on') ~ ' then '
        ~ fact.counted ~ ' else 0 end)'
    ) }}
{%- endmacro %}


{% macro action_count(fact) -%}
    {#- How many actions with these properties there were in a window. -#}
    {%- set window = '' if fact.window is none
        else ' and ' ~ window_condition(fact.window, 'actions.occurred_on') -%}
    {{ return(
        'count(distinct case when actions.event_name = ' ~ sql_text(fact.event) ~ window
        ~ ' and ' ~ fact.where ~ ' then actions.action_id end)'
    ) }}
{%- endmacro %}


{% macro sequence_steps(sequences, step) -%}
    {#- One step of every sequence that has so many: when it was first taken after the one
        before, and the last step when last; with the first, what must not follow. -#}
    {%- set columns = [] -%}
    {%- for sequence in sequences if step <= sequence.steps | length -%}
        {%- set grain = 'customer_id, product_id' if sequence.same else 'customer_id' -%}
        {%- set parts = ['event_name = ' ~ sql_text(sequence.steps[step - 1])] -%}
        {%- if step == 1 and sequence.same -%}
            {%- do parts.append('product_id is not null') -%}
        {%- endif -%}
        {%- if step == 1 and sequence.days -%}
            {%- do parts.append(window_condition([0, sequence.days - 1], 'occurred_on')) -%}
        {%- elif step > 1 -%}
            {%- do parts.append('occurred_at > ' ~ sequence.column ~ '_' ~ (step - 1)) -%}
        {%- endif -%}
        {%- do columns.append(
            ('max' if step == sequence.steps | length else 'min')
            ~ '(case when ' ~ parts | join(' and ') ~ ' then occurred_at end) over (partition by '
            ~ grain ~ ') as ' ~ sequence.column ~ '_' ~ step
        ) -%}
        {%- if step == 1 and sequence.then_not -%}
            {%- do columns.append(
                'max(case when event_name = ' ~ sql_text(sequence.then_not)
                ~ ' then occurred_at end) over (partition by ' ~ grain ~ ') as '
                ~ sequence.column ~ '_then'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}


{% macro sequence_outcome(sequence) -%}
    {#- Whether the steps were taken and not undone, for each row of a customer (and
        product): spoiled is what must not follow the last of them. -#}
    {%- set last = sequence.column ~ '_' ~ sequence.steps | length -%}
    {%- if not sequence.then_not -%}{{ return(last ~ ' is not null') }}{%- endif -%}
    {{ return(
        last ~ ' is not null and coalesce(' ~ sequence.column ~ '_then <= ' ~ last ~ ', true)'
    ) }}
{%- endmacro %}


{% macro recorded_changes() -%}
    {#- The membership log before the as-of day. -#}
    {%- set relation = recorded_relation('segment_records') -%}
    {%- if not relation -%}
        {{ return(
            "(select '' as segment, '' as customer_id, '' as change, "
            ~ as_of_date() ~ ' as changed_on where false)'
        ) }}
    {%- endif -%}
    (
        select *
        from {{ alive_changes(relation) }} as changes
        where changed_on < {{ as_of_date() }}
    )
{%- endmacro %}


{% macro recorded_net(segment, day=none) -%}
    {#- 1 for who was in the segment at the end of a day (none = before the as-of day):
        entries less exits. -#}
    {%- set until = " and changed_on <= date '" ~ day ~ "'" if day else '' -%}
    {{ return(
        'sum(case when segment = ' ~ sql_text(segment) ~ until
        ~ " then case change when 'entered' then 1 else -1 end else 0 end)"
    ) }}
{%- endmacro %}
