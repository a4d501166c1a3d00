{% macro as_of_day() -%}
    {#- The one place that may look at the wall clock, once an invocation. -#}
    {%- if var('business_timezone') not in modules.pytz.all_timezones -%}
        {{ exceptions.raise_compiler_error(
            "Variable business_timezone: " ~ var('business_timezone')
            ~ " is not a zone name such as Asia/Seoul."
        ) }}
    {%- endif -%}
    {%- set given = var('as_of_date') or env_var('AS_OF_DATE', '') -%}
    {%- if given -%}
        {%- set given = given | string | trim -%}
        {%- if not modules.re.fullmatch('[12]\\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])', given) -%}
            {{ exceptions.raise_compiler_error(
                "as_of_date is '" ~ given ~ "'; write it as YYYY-MM-DD."
            ) }}
        {%- endif -%}
        {{ return(modules.datetime.datetime.strptime(given, '%Y-%m-%d').date()) }}
    {%- endif -%}
    {%- set here = run_started_at.astimezone(
        modules.pytz.timezone(var('business_timezone'))
    ) -%}
    {{ return(here.date() - modules.datetime.timedelta(days=1)) }}
{%- endmacro %}
