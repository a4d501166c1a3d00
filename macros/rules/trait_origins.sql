{% macro trait_origins(name, traits) -%}
    {%- set origins = [name] -%}
    {%- for step in range(traits | length) -%}
        {%- for origin in origins | list -%}
            {%- for further in (traits.get(origin) or {}).get('derived_from', [])
                if further not in origins -%}
                {%- do origins.append(further) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(origins) }}
{%- endmacro %}
