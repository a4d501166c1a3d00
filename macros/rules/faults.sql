{% macro refused(language, at, code, values={}) -%}
    {#- Notes what is wrong at a place, and stands for a condition that nobody meets, so
        that the rest is judged too. -#}
    {%- set told = {} -%}
    {%- for spoken, text in language.messages[code].items() -%}
        {%- set parts = {} -%}
        {%- for key, value in values.items() -%}
            {%- do parts.update({key: value[spoken] if value is mapping else value}) -%}
        {%- endfor -%}
        {%- do told.update({spoken: text.format(**parts)}) -%}
    {%- endfor -%}
    {%- do language.faults.append(dict(
        told, file=at.file, of=at.of, path=at.path
    )) -%}
    {{ return({
        'sql': 'false',
        'words': {'en': '', 'ko': ''},
        'subject': '',
        'is_explicit': true,
        'is_refused': true,
        'facts': [],
    }) }}
{%- endmacro %}


{% macro refuse_faults(language) -%}
    {%- if language.faults -%}
        {%- set lines = [] -%}
        {%- for fault in language.faults -%}
            {%- do lines.append(
                [fault.file, fault.of, fault.path, fault.en] | select | join(': ')
            ) -%}
        {%- endfor -%}
        {{ exceptions.raise_compiler_error(lines | unique | join('\n')) }}
    {%- endif -%}
{%- endmacro %}


{% macro below(at, step) -%}
    {#- The place one step further into what is written: a key or a number. -#}
    {{ return(dict(at, path=at.path ~ (
        '[' ~ step ~ ']' if step is integer else '.' ~ step if at.path else step
    ))) }}
{%- endmacro %}


{% macro name_likeness(name, candidate) -%}
    {#- By pairs of letters in common: close enough for typing errors. -#}
    {%- set wanted = (' ' ~ name ~ ' ') | lower -%}
    {%- set text = ' ' ~ candidate ~ ' ' -%}
    {%- set shared = namespace(count=0) -%}
    {%- for start in range(wanted | length - 1) -%}
        {%- if wanted[start:start + 2] in text -%}
            {%- set shared.count = shared.count + 1 -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(2 * shared.count / (wanted | length + text | length - 2)) }}
{%- endmacro %}


{% macro near_names(name, names) -%}
    {%- set scored = [] -%}
    {%- for candidate in names | sort -%}
        {%- set score = name_likeness(name, candidate) -%}
        {%- if score >= 0.33 -%}
            {%- do scored.append([score, candidate]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return((scored | sort(attribute='0', reverse=true) | map(attribute=1) | list)[:3]) }}
{%- endmacro %}


{% macro nearest_names(name, names) -%}
    {%- set near = near_names(name, names) -%}
    {%- set messages = language_data().messages['near' if near else 'far'] -%}
    {%- set listed = (near or names | sort) | join(', ') -%}
    {{ return({
        'en': messages.en.format(names=listed), 'ko': messages.ko.format(names=listed)
    }) }}
{%- endmacro %}
