{% macro refuse_unknown_keys(condition, known, at) -%}
    {%- for key in condition -%}
        {%- if key not in known -%}
            {%- do rule_error(at, 'unknown key ' ~ key ~ '; ' ~ nearest_names(key, known)) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
