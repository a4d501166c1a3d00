{% macro sql_literal(value, data_type) -%}
    {#- None when the value does not belong to the type: the caller says where. -#}
    {%- set base = data_type.split('(')[0] -%}
    {%- if base == 'string' and value is string -%}
        {{ return(sql_text(value)) }}
    {%- elif base == 'boolean' and value is boolean -%}
        {{ return('true' if value else 'false') }}
    {%- elif base in ('int', 'bigint') and value is integer and value is not boolean -%}
        {{ return(value | string) }}
    {%- elif base in ('decimal', 'double') and value is number
        and value is not boolean and (value | string) not in ('nan', 'inf', '-inf') -%}
        {{ return(('%.10f' % value).rstrip('0').rstrip('.')
            if value is float else value | string) }}
    {%- elif base == 'date'
        and modules.re.fullmatch('[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', value | string) -%}
        {%- set year, month, day = (value | string).split('-') | map('int') -%}
        {%- set last_day = (
            modules.datetime.date(year + month // 12, month % 12 + 1, 1)
            - modules.datetime.timedelta(days=1)
        ).day -%}
        {%- if day <= last_day -%}
            {{ return("date '" ~ value ~ "'") }}
        {%- endif -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
