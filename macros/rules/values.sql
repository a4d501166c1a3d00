{% macro stored_values(value, subject) -%}
    {#- What tables hold where somebody wrote this: the region that it spells, the value
        itself, or the one whose label or other name it is. Empty: a closed vocabulary does
        not know it. A shop's own data may hold what was written as well. -#}
    {%- set written = value_spelling(value) -%}
    {%- set spelled = regions_in_force().get(written) if subject.is_region -%}
    {%- if spelled -%}
        {{ return([spelled]) }}
    {%- elif value not in subject.labels -%}
        {%- for known, label in subject.labels.items() -%}
            {%- for name in value_names(known, label) if value_spelling(name) == written -%}
                {{ return([known] if subject['values'] else [known, value]) }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return([] if subject['values'] and value not in subject['values'] else [value]) }}
{%- endmacro %}


{% macro value_names(value, label) -%}
    {{ return([value, label.en, label.ko] + (label.also or [])) }}
{%- endmacro %}


{% macro value_spelling(value) -%}
    {{ return(modules.re.sub('[\\s._-]+', '', value | lower)) }}
{%- endmacro %}


{% macro regions_in_force() -%}
    {#- Spelling to region on the as-of day; none while the seed is not in the database. -#}
    {%- if 'regions' not in graph -%}
        {%- set regions = {} -%}
        {%- if load_relation(ref('region_aliases')) -%}
            {%- for row in run_query(region_aliases_in_force()).rows -%}
                {%- do regions.update({row[0]: row[1]}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do graph.update(regions=regions) -%}
    {%- endif -%}
    {{ return(graph.regions) }}
{%- endmacro %}


{% macro nearest_values(value, subject) -%}
    {#- The known values as people are told them, the nearest first. -#}
    {%- set scored = [] -%}
    {%- for known in subject['values'] -%}
        {%- set label = subject.labels[known] -%}
        {%- set likeness = [] -%}
        {%- for name in value_names(known, label) -%}
            {%- do likeness.append(name_likeness(value, name)) -%}
        {%- endfor -%}
        {%- do scored.append([likeness | max, {
            'en': known, 'ko': label.ko ~ '(' ~ known ~ ')'
        }]) -%}
    {%- endfor -%}
    {%- set scored = scored | sort(attribute='0', reverse=true) -%}
    {%- set told = {} -%}
    {%- for spoken in ['en', 'ko'] -%}
        {%- set near = [] -%}
        {%- set listed = [] -%}
        {%- for likeness, known in scored -%}
            {%- do listed.append(known[spoken]) -%}
            {%- if likeness >= 0.33 and loop.index <= 3 -%}
                {%- do near.append(known[spoken]) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set messages = language_data().messages -%}
        {%- set known = messages.known[spoken].format(names=listed | join(', ')) -%}
        {%- do told.update({spoken: [
            messages.near[spoken].format(names=near | join(', ')), known
        ] | join(' ') if near else known}) -%}
    {%- endfor -%}
    {{ return(told) }}
{%- endmacro %}
