{% macro known_event(name, at, language) -%}
    {#- The event of that name; stops when it is unknown. -#}
    {%- if name is not string or name not in language.events -%}
        {%- do rule_error(at, 'unknown event ' ~ name ~ '; '
            ~ nearest_names(name | string, language.events.keys() | list)) -%}
    {%- endif -%}
    {{ return(language.events[name]) }}
{%- endmacro %}
