{% macro row_state() -%}
    case
        when fault is not null
            then 'quarantined'
        when is_not_yet
            then 'not_yet'
        when version_rank > 1
            then 'superseded'
        else 'kept'
    end
{%- endmacro %}
