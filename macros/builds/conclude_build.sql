{% macro conclude_build(results) -%}
    {#- dbt leaves what was skipped out of the results: it counts as not built. -#}
    {%- if changes_tables() and not var('backfill') -%}
        {%- do tell_missing_data(results) -%}
        {%- do remember_accepted_day() -%}
        {%- set failed, done = [], [] -%}
        {%- for result in results -%}
            {%- if result.status | string in ('success', 'pass', 'warn', 'no-op') -%}
                {%- do done.append(result.node.unique_id) -%}
            {%- else -%}
                {%- do failed.append(result.node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set tables, untested = [], [] -%}
        {%- set kinds = {'model': tables, 'seed': tables, 'test': untested} -%}
        {%- set counts = {'tables': 0} -%}
        {#- Tests of macros bring rows of their own. -#}
        {%- for node in graph.nodes.values() if node.resource_type in kinds
            and not node.original_file_path.startswith('tests/macros') -%}
            {%- if node.resource_type != 'test' -%}
                {%- do counts.update(tables=counts.tables + 1) -%}
            {%- endif -%}
            {%- if node.unique_id not in done -%}
                {%- do kinds[node.resource_type].append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set today = as_of_day().isoformat() -%}
        {%- set tables_of = (recorded_build().tables_of | string) if tables else today -%}
        {%- set run = 'dbt ' ~ flags.WHICH ~ ' as of ' ~ today -%}
        {%- set missing = (tables | length) ~ ' of ' ~ counts.tables ~ ' models and seeds' -%}
        {%- if failed -%}
            {%- do record_build(
                'failed', run ~ ' failed at ' ~ failed[0]
                ~ (', and ' ~ missing ~ ' were not built' if tables),
                tables_of if tables_of == today else none
            ) -%}
        {%- elif tables and tables_of != today -%}
            {%- do record_build(
                'mixed', missing ~ ' were not built by ' ~ run
                ~ ', so that tables of several days stand side by side', none
            ) -%}
        {%- elif tables or flags.EMPTY or flags.SAMPLE -%}
            {%- do record_build(
                'part', run ~ ' built a part: ' ~ missing ~ ' were left out'
                ~ (', rows too' if flags.EMPTY or flags.SAMPLE), tables_of
            ) -%}
        {%- elif untested -%}
            {%- do record_build(
                'part', run ~ ' built everything, but ' ~ (untested | length)
                ~ ' tests did not run', tables_of
            ) -%}
        {%- else -%}
            {%- do show_audiences() -%}
            {%- do offer_history() -%}
            {%- do record_build('whole', run ~ ' built and tested everything', tables_of) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
