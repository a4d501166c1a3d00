{% macro email_problem(value) -%}
    {#- A domain is one when something addressed there would be an address. -#}
    {%- set at_its_domain = replace_all(value, '^.*@', 'a@') -%}
    case
        when {{ value }} is null
            then 'empty'
        when {{ is_email(value) }}
            then null
        when {{ matches(value, '^[0-9a-f]{64}$') }}
            then 'already_hashed'
        when not {{ matches(value, '@') }}
            then 'no_at_sign'
        when {{ is_too_long_email(value) }}
            then 'too_long'
        when not {{ is_email(at_its_domain) }}
            then 'bad_domain'
        else 'bad_address'
    end
{%- endmacro %}
