{% macro audience_definitions() -%}
    {#- Every audience, checked; errors name the file, the audience and the key. -#}
    {#- Asked of the database while compiling, so the seeds must be there before. -#}
    {%- do [ref('channels'), ref('destinations'), ref('protected_attributes')] -%}
    {%- set audiences = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.customer_segments.audience_decisions'] -%}
        {%- set file = (node.patch_path or node.original_file_path).split('://') | last -%}
        {%- set given_audiences = node.config.meta.get('audiences', []) -%}
        {%- if given_audiences is string or given_audiences is mapping
            or given_audiences is not iterable -%}
            {{ exceptions.raise_compiler_error(file ~ ': audiences takes a list') }}
        {%- endif -%}
        {%- set known = {
            'segments': segment_definitions().keys() | list,
            'channels': seed_rows('channels'),
            'destinations': seed_rows('destinations'),
            'sources': message_sources(),
        } -%}
        {%- set names = [] -%}
        {%- for given in given_audiences -%}
            {%- set named = given.get('name') if given is mapping else none -%}
            {%- set at = file ~ ': audience ' ~ (named or '(unnamed)') ~ ': ' -%}
            {%- set fault = audience_fault(given, known) -%}
            {%- if not fault and given.name in names -%}
                {%- set fault = 'name: the name is taken' -%}
            {%- endif -%}
            {%- if fault -%}
                {{ exceptions.raise_compiler_error(at ~ fault) }}
            {%- endif -%}
            {%- do names.append(given.name) -%}
            {%- do audiences.append(completed_audience(given)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(audiences) }}
{%- endmacro %}
