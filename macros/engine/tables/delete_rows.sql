{% macro delete_rows(relation, column, wanted) -%}
    {#- Spark cannot delete from Parquet: the table is written anew without the rows. What
        is kept lies in a table beside it meanwhile; if that is there when this begins,
        the last rewriting was cut short, and ends now. -#}
    {%- if by_engine(duckdb=true, spark=false) -%}
        {{ return('delete from ' ~ relation ~ ' where ' ~ column ~ ' in (' ~ wanted ~ ')') }}
    {%- endif -%}
    {%- if execute -%}
        {%- set kept = relation.schema ~ '.' ~ relation.identifier ~ '__kept' -%}
        {%- set cut_short =
            known_relation(relation.schema, relation.identifier ~ '__kept') -%}
        {%- if not cut_short and run_query(
            'select count(*) from ' ~ relation ~ ' where ' ~ column ~ ' in (' ~ wanted ~ ')'
        ).rows[0][0] > 0 -%}
            {%- do run_query(
                'create table ' ~ kept ~ ' as select ' ~ relation.identifier ~ '.* from '
                ~ relation ~ ' left anti join (' ~ wanted ~ ') as gone on '
                ~ relation.identifier ~ '.' ~ column ~ ' = gone.' ~ column
            ) -%}
            {%- set cut_short = true -%}
        {%- endif -%}
        {%- if cut_short -%}
            {%- do run_query('insert overwrite table ' ~ relation ~ ' select * from ' ~ kept) -%}
            {%- do run_query('drop table ' ~ kept) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
