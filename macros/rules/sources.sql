{% macro column_needs(column) -%}
    {#- The sources that a described column needs; `a or b`: either of two will do. -#}
    {%- set meta = column.config.meta -%}
    {{ return((meta.get('trait') or meta).get('needs') or []) }}
{%- endmacro %}


{% macro model_needs(model) -%}
    {#- Each column of a model and its needs: each look at a node costs, so one for all. -#}
    {%- set node = graph.nodes['model.customer_segments.' ~ model] if execute -%}
    {%- set needs = {} -%}
    {%- for name, column in (node.columns if node else {}).items() -%}
        {%- do needs.update({name: column_needs(column)}) -%}
    {%- endfor -%}
    {{ return(needs) }}
{%- endmacro %}


{% macro source_flags(needs) -%}
    {#- Select list of one row of data_sources: which of these needs are met. Of none, too:
        without an aggregate there would be a row for each source. -#}
    {%- set flags = [] -%}
    {%- for need in needs | unique | sort -%}
        {%- do flags.append(met_need(need) ~ ' as ' ~ flag_of_need(need)) -%}
    {%- endfor -%}
    {{ return((flags or ['count(*) >= 0 as has_all']) | join(',\n        ')) }}
{%- endmacro %}


{% macro met_need(need) -%}
    {#- `events:90` also asks that events, where there are any, began 90 days ago. -#}
    {%- set sources, _, days = need.partition(':') -%}
    {%- set present = 'source in ' ~ sql_list(sources.split(' or ')) ~ ' and is_present' -%}
    {%- set is_met = 'bool_or(' ~ present ~ ')' -%}
    {%- if days -%}
        {%- set is_met = is_met ~ ' and not bool_or(' ~ present ~ ' and coalesce(first_on > '
            ~ as_of_date() ~ ' - ' ~ (days | int - 1) ~ ', false))' -%}
    {%- endif -%}
    {{ return('coalesce(' ~ is_met ~ ', false)') }}
{%- endmacro %}


{% macro flag_of_need(need) -%}
    {{ return('has_' ~ modules.re.sub('\\W+', '_', need)) }}
{%- endmacro %}


{% macro known_or_null(expression, needs) -%}
    {%- set flags = [] -%}
    {%- for need in needs -%}
        {%- do flags.append('data_sources.' ~ flag_of_need(need)) -%}
    {%- endfor -%}
    {{ return(
        'case when ' ~ flags | join(' and ') ~ ' then ' ~ expression ~ ' end'
        if flags else expression
    ) }}
{%- endmacro %}


{% macro known_columns(needs) -%}
    {#- Select list: the columns of model_needs, null where their sources are not there. -#}
    {%- set columns = [] -%}
    {%- for name, needed in needs.items() -%}
        {%- do columns.append(known_or_null(name, needed) ~ (' as ' ~ name if needed else '')) -%}
    {%- endfor -%}
    {{ return((columns or ['*']) | join(',\n        ')) }}
{%- endmacro %}


{% macro rule_needs(rule, is_left_out=false) -%}
    {#- The sources that a rule needs anywhere, with the days that they must go back to
        where it is about what was not done. -#}
    {%- set needs = [] -%}
    {%- if 'group' in rule -%}
        {%- for member in rule.members -%}
            {%- do needs.extend(
                rule_needs(member, is_left_out != (rule.group == 'none'))
            ) -%}
        {%- endfor -%}
    {%- else -%}
        {%- for need in rule.needs or [] -%}
            {%- do needs.append(need) -%}
            {%- if rule.needs_days and seeks_absence(rule, is_left_out) -%}
                {%- do needs.append(need ~ ':' ~ rule.needs_days) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(needs | unique | sort) }}
{%- endmacro %}


{% macro seeks_absence(condition, is_left_out) -%}
    {#- Whether nothing, or not much, is what meets a condition, or what it leaves out. -#}
    {%- set value = condition.value -%}
    {%- set asks = {
        'at_least': 'presence',
        'above': 'presence',
        'at_most': 'absence',
        'below': 'absence',
    }.get(condition.test, 'both') -%}
    {%- if value is boolean and condition.test in ('is', 'is_not', 'known') -%}
        {%- set asks = 'presence' if value == (condition.test != 'is_not') else 'absence' -%}
    {%- endif -%}
    {{ return(asks != ('absence' if is_left_out else 'presence')) }}
{%- endmacro %}


{% macro segment_needs(segments) -%}
    {%- set needs = [] -%}
    {%- for segment in segments -%}
        {%- do needs.extend(rule_needs(segment.rule)) -%}
    {%- endfor -%}
    {{ return(needs | unique | sort) }}
{%- endmacro %}


{% macro need_words(need) -%}
    {%- set sources, _, days = need.partition(':') -%}
    {{ return(
        sources ~ (' from ' ~ (as_of_day() - modules.datetime.timedelta(days=days | int - 1))
            .isoformat() ~ ' on' if days else '')
    ) }}
{%- endmacro %}
