{% macro days_to_anniversary(month, day, since='null') -%}
    {#- The year is known while this is written: this one, or the next. -#}
    {%- set days = [] -%}
    {%- for year in [as_of_day().year, as_of_day().year + 1] -%}
        {%- set first = 'make_date(' ~ year ~ ', ' ~ month ~ ', 1)' -%}
        {%- do days.append(
            'least((' ~ first ~ ' + (' ~ day ~ ' - 1))::date, last_day(' ~ first ~ '))'
        ) -%}
    {%- endfor -%}
    {{ return(
        'case when ' ~ days[0] ~ ' >= ' ~ as_of_date()
        ~ ' and ' ~ days[0] ~ ' is distinct from ' ~ since
        ~ ' then ' ~ days_between(as_of_date(), days[0])
        ~ ' else ' ~ days_between(as_of_date(), days[1]) ~ ' end'
    ) }}
{%- endmacro %}
