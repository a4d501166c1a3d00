{% macro recorded_net(segment, day=none) -%}
    {#- 1 for who was in the segment at the end of a day (none = before the as-of day):
        entries less exits. -#}
    {%- set until = " and changed_on <= date '" ~ day ~ "'" if day else '' -%}
    {{ return(
        'sum(case when segment = ' ~ sql_text(segment) ~ until
        ~ " then case change when 'entered' then 1 else -1 end else 0 end)"
    ) }}
{%- endmacro %}
