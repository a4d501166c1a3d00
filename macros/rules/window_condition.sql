{% macro window_condition(window, day) -%}
    {#- Whether a day lies so many days ago, [from, to], the as-of day being 0. -#}
    {%- if window is none -%}{{ return('true') }}{%- endif -%}
    {%- set until = '' if window[0] == 0
        else ' and ' ~ day ~ ' <= ' ~ as_of_date() ~ ' - ' ~ window[0] -%}
    {{ return(day ~ ' >= ' ~ as_of_date() ~ ' - ' ~ window[1] ~ until) }}
{%- endmacro %}
