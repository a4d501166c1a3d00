{% macro nearest_names(name, names) -%}
    {#- By pairs of letters in common: close enough for typing errors. -#}
    {%- set wanted = (' ' ~ name ~ ' ') | lower -%}
    {%- set scored = [] -%}
    {%- for candidate in names | sort -%}
        {%- set text = ' ' ~ candidate ~ ' ' -%}
        {%- set shared = namespace(count=0) -%}
        {%- for start in range(wanted | length - 1) -%}
            {%- if wanted[start:start + 2] in text -%}
                {%- set shared.count = shared.count + 1 -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set score = 2 * shared.count / (wanted | length + text | length - 2) -%}
        {%- if score >= 0.35 -%}
            {%- do scored.append([score, candidate]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set near = (scored | sort(attribute='0', reverse=true) | map(attribute=1) | list)[:3] -%}
    {%- if near -%}
        {{ return('did you mean ' ~ near | join(', ') ~ '?') }}
    {%- endif -%}
    {{ return('known are ' ~ names | sort | join(', ')) }}
{%- endmacro %}
