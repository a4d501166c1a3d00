{% macro event_counts(segments) -%}
    {#- One column for each event and window that the rules ask about. -#}
    {%- set columns = {} -%}
    {%- for segment in segments -%}
        {%- for condition in segment.conditions if condition.event -%}
            {%- do columns.update({condition.event.column: condition.event}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name, event in columns.items() | sort -%}
        ,
        sum(
            {%- if event.days %}
            case when active_on > {{ as_of_date() }} - {{ event.days }}
                then {{ event.counted }} else 0 end
            {%- else %}
            {{ event.counted }}
            {%- endif %}
        ) as {{ name }}
    {%- endfor -%}
{%- endmacro %}
