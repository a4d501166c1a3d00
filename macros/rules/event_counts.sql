{% macro event_counts(segments) -%}
    {#- One column for each event and window that the rules ask about. -#}
    {%- set events = {} -%}
    {%- for segment in segments -%}
        {%- for condition in segment.conditions if condition.event -%}
            {%- do events.update({condition.event.column: condition.event}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for name, event in events.items() | sort -%}
        {%- if event.days -%}
            {%- do columns.append(
                'sum(case when active_on > ' ~ as_of_date() ~ ' - ' ~ event.days
                ~ ' then ' ~ event.counted ~ ' else 0 end) as ' ~ name
            ) -%}
        {%- else -%}
            {%- do columns.append('sum(' ~ event.counted ~ ') as ' ~ name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}
