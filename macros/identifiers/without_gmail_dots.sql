{% macro without_gmail_dots(email) -%}
    case
        when {{ matches(email, '^[^@]+@(gmail|googlemail)[.]com$') }}
            then
                replace(split_part({{ email }}, '@', 1), '.', '')
                || '@' || split_part({{ email }}, '@', 2)
        else {{ email }}
    end
{%- endmacro %}
