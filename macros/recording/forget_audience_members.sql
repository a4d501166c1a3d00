{% macro forget_audience_members(which) -%}
    {%- if is_incremental() -%}
        {%- set shown = 'select audience_member_key from ' ~ this
            ~ " where change <> 'run' group by audience_member_key"
            ~ ' having max(customer_id) is null and max(as_of_date) <= '
            ~ as_of_date() ~ ' - ' ~ var('removals_shown_days') -%}
        {{ delete_rows(
            this,
            'audience_member_key',
            {
                'nobody': 'select null::string as audience_member_key where false',
                'shown': shown,
            }[which]
        ) }}
    {%- endif -%}
{%- endmacro %}
