{% macro audience_definitions() -%}
    {#- Every audience, checked; errors name the file, the audience and the key. -#}
    {%- set audiences = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.customer_segments.audience_decisions'] -%}
        {%- set file = (node.patch_path or node.original_file_path).split('://') | last -%}
        {%- set segments = segment_definitions() -%}
        {%- set names = [] -%}
        {%- for given in node.config.meta.get('audiences', []) -%}
            {%- set at = file ~ ': audience ' ~ (given.name or '(unnamed)') ~ ': ' -%}
            {%- set spec = checked_audience(given, at, segments.keys() | list) -%}
            {%- if spec.name in names -%}
                {{ exceptions.raise_compiler_error(at ~ 'the name is taken') }}
            {%- endif -%}
            {%- do names.append(spec.name) -%}
            {%- do audiences.append(spec) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(audiences) }}
{%- endmacro %}
