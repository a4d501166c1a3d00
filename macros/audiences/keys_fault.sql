{% macro keys_fault(at, given, keys) -%}
    {#- The first key that is not known or is missing, in a mapping at a place. -#}
    {%- set known = keys.required + keys.optional -%}
    {%- if given is not mapping -%}
        {{ return(at ~ 'takes keys with values: ' ~ known | join(', ')) }}
    {%- endif -%}
    {%- for key in given if key is not string or key not in known -%}
        {{ return(at ~ 'unknown key ' ~ key ~ '; ' ~ nearest_names(key | string, known)) }}
    {%- endfor -%}
    {%- for key in keys.required if key not in given -%}
        {{ return(at ~ key ~ ' is missing') }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
