{% macro destination_identifier(form, identifier, customer_id) -%}
    case {{ form }}
        when 'plain'
            then {{ identifier }}
        when 'customer_id'
            then {{ customer_id }}
        when 'local_phone'
            then {{ local_phone(identifier) }}
        when 'sha256'
            then {{ hashed_identifier(identifier) }}
        when 'sha256_meta'
            then {{ hashed_identifier(replace_all(identifier, '^[+]([0-9]+)$', '\\1')) }}
        when 'sha256_google'
            then {{ hashed_identifier(without_gmail_dots(identifier)) }}
    end
{%- endmacro %}
