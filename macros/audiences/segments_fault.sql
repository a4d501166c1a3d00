{% macro segments_fault(segments, segment_names) -%}
    {%- set fault = keys_fault('segments: ', segments,
        {'required': [], 'optional': ['any_of', 'all_of', 'none_of']}) -%}
    {%- if fault -%}{{ return(fault) }}{%- endif -%}
    {%- set written = without_nulls(segments) -%}
    {%- for key, names in written.items() -%}
        {%- if not is_word_list(names) -%}
            {{ return('segments: ' ~ key ~ ': takes a list of segments') }}
        {%- endif -%}
        {%- for name in names if name not in segment_names -%}
            {{ return('segments: ' ~ key ~ ': unknown segment ' ~ name ~ '; '
                ~ nearest_names(name, segment_names)) }}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not written.any_of and not written.all_of -%}
        {{ return('segments: needs any_of or all_of') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
