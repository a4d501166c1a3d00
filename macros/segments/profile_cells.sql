{% macro profile_cells() -%}
    {#- Traits with few values, and numbers in the buckets that the model's YAML gives. -#}
    {%- set cells = [] -%}
    {%- if execute -%}
        {%- set buckets =
            graph.nodes['model.customer_segments.segment_profile'].config.meta.buckets -%}
        {%- for name, trait in trait_registry().items() -%}
            {%- set column = 'customers.' ~ name -%}
            {%- set tests = [] -%}
            {%- if trait.type == 'boolean' -%}
                {%- do tests.extend([['true', column], ['false', 'not ' ~ column]]) -%}
            {%- elif trait['values'] -%}
                {%- for value in trait['values'] if value != 'unknown' -%}
                    {%- do tests.append([value, column ~ ' = ' ~ sql_text(value)]) -%}
                {%- endfor -%}
            {%- elif name in buckets -%}
                {%- set bounds = buckets[name] -%}
                {%- do tests.append(['under_' ~ bounds[0], column ~ ' < ' ~ bounds[0]]) -%}
                {%- for low, next in zip(bounds, bounds[1:]) -%}
                    {%- set high = next - 1 -%}
                    {%- do tests.append([
                        low ~ ('' if low == high else '_to_' ~ high),
                        column ~ ' between ' ~ low ~ ' and ' ~ high,
                    ]) -%}
                {%- endfor -%}
                {%- do tests.append([bounds[-1] ~ '_plus', column ~ ' >= ' ~ bounds[-1]]) -%}
            {%- endif -%}
            {%- if tests -%}
                {%- set unknown = column ~ ' is null' -%}
                {%- if 'unknown' in (trait['values'] or []) -%}
                    {%- set unknown = '(' ~ unknown ~ ' or ' ~ column ~ " = 'unknown')" -%}
                {%- endif -%}
                {%- for test in tests + [['unknown', unknown]] -%}
                    {%- do cells.append({
                        'column': 'cell_' ~ (cells | length),
                        'trait': name,
                        'value': test[0],
                        'value_number': loop.index,
                        'sql': test[1],
                    }) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for name in buckets if name not in cells | map(attribute='trait') -%}
            {{ exceptions.raise_compiler_error(
                'segment_profile.yml: buckets: ' ~ name ~ ' is no trait with numbers; '
                ~ nearest_names(name, trait_registry().keys() | list).en
            ) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(cells) }}
{%- endmacro %}
