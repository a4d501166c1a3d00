{% macro tell_missing_data(results) -%}
    {#- What to load next is what most of the segments without data name. -#}
    {%- set segments = results | selectattr('node.name', 'equalto', 'segments')
        | selectattr('status', 'equalto', 'success') | list -%}
    {%- if segments -%}
        {%- set rows = run_query(
            'select missing_data, count(*) as segment_count from ' ~ segments[0].node.relation_name
            ~ ' group by missing_data'
        ).rows -%}
        {%- set counts = {'all': 0, 'known': 0} -%}
        {%- set sources = {} -%}
        {%- for row in rows -%}
            {%- do counts.update(all=counts.all + row.segment_count) -%}
            {%- if row.missing_data is none -%}
                {%- do counts.update(known=row.segment_count) -%}
            {%- endif -%}
            {%- for source in (row.missing_data or '').split(', ') | select -%}
                {%- do sources.update({
                    source: sources.get(source, 0) - row.segment_count
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set wanted = [] -%}
        {%- for source, count in (sources.items() | sort(attribute='1,0'))[:5] -%}
            {%- do wanted.append(source ~ ' (' ~ -count ~ ')') -%}
        {%- endfor -%}
        {%- do print(
            counts.known ~ ' of ' ~ counts.all ~ ' segments have data.'
            ~ (' The others need what was never loaded: ' ~ wanted | join(', ')
                ~ (', …' if sources | length > 5) ~ '. See segments.missing_data.'
                if wanted)
        ) -%}
    {%- endif -%}
{%- endmacro %}
