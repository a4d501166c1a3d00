{% macro variables_fault(variables, sources) -%}
    {%- if variables is not mapping -%}
        {{ return('variables: takes names in the message with what they say, such as '
            ~ '{name: name}') }}
    {%- endif -%}
    {%- for name, source in variables.items() -%}
        {%- if name is not string
            or not modules.re.fullmatch('[A-Za-z가-힣_][A-Za-z0-9가-힣_]{0,62}', name) -%}
            {{ return('variables: a name is letters, digits and _, no digit first') }}
        {%- elif source is not string or source not in sources -%}
            {{ return('variables: ' ~ name ~ ': this may not travel into a message or is '
                ~ 'unknown; ' ~ nearest_names(source | string, sources.keys() | list)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
