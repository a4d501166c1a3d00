{% macro known_trait(name, at, language) -%}
    {#- The trait of that name; stops when it is unknown or protected. -#}
    {%- for origin in (trait_origins(name, language.traits) if name is string else [])
        if origin in language.protected -%}
        {%- do rule_error(at, name ~ ' is a protected attribute'
            ~ (' (derived from ' ~ origin ~ ')' if origin != name else '')
            ~ ': it decides nothing. Take the condition out') -%}
    {%- endfor -%}
    {%- if name is not string or name not in language.traits -%}
        {%- do rule_error(at, 'unknown trait ' ~ name ~ '; '
            ~ nearest_names(name | string, language.traits.keys() | list)) -%}
    {%- endif -%}
    {{ return(language.traits[name]) }}
{%- endmacro %}
