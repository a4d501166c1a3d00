{% macro check_landed_files() -%}
    {#- A build that reads less than it should would say that people left. -#}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set is_accepted = var('accept_missing') == 2 -%}
        {%- set files = run_query(
            'select file, source_file, fault from landing.landed_faults order by file'
        ).rows -%}
        {%- set counts = {'there': 0, 'known': files | length} -%}
        {%- set problems = [] -%}
        {%- for file in files -%}
            {%- if file.fault in ('unknown', 'changed') -%}
                {%- do problems.append(file.file ~ {
                    'unknown': ' is none that the loader noted. If it is yours, load it '
                        ~ 'with scripts/load_raw.py; else remove it',
                    'changed': ' has not the size that the loader noted (an earlier '
                        ~ 'version noted none). Load ' ~ file.source_file ~ ' again',
                }[file.fault]) -%}
            {%- elif file.fault == 'gone' and not is_accepted -%}
                {%- do problems.append(
                    file.file ~ ' is gone. Load ' ~ file.source_file ~ ' again'
                ) -%}
            {%- endif -%}
            {%- if file.fault not in ('gone', 'given_up') -%}
                {%- do counts.update(there=counts.there + 1) -%}
            {%- endif -%}
        {%- endfor -%}
        {#- An earlier version recorded memberships, and not what it had read. -#}
        {%- set records = known_relation(target.schema, 'segment_records')
            if not files -%}
        {%- if not counts.there and not is_accepted
            and (problems or records and run_query(
                'select count(*) from ' ~ records ~ " where change <> 'run'"
            ).rows[0][0] > 0) -%}
            {%- set problems = ['the folder is not there or empty, and earlier builds read '
                ~ (counts.known or 'some') ~ ' files of it. Put it back (is a disk not '
                ~ 'mounted?), or load the files again'] -%}
        {%- endif -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(
                'Landing folder ' ~ var('landing_dir') ~ ':\n'
                ~ problems[:10] | join('.\n') ~ '.'
                ~ ('\n… and ' ~ (problems | length - 10) ~ ' more.' if problems | length > 10)
                ~ '\nNothing was built. What is gone on purpose is said twice: '
                ~ "--vars '{accept_missing: 2}', or --accept-missing --accept-missing "
                ~ 'with make daily.'
            ) }}
        {%- endif -%}
        {%- do replace_table(
            'landing.landed_files',
            "select file, source_file, fault is not null as is_missing from "
            ~ "landing.landed_faults"
        ) -%}
    {%- endif -%}
{%- endmacro %}
