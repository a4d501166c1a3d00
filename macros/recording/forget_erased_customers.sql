{% macro forget_erased_customers() -%}
    {#- Recorded state is only ever added to, but for people who ask to be forgotten. -#}
    {%- if is_incremental() -%}
        {{ delete_rows(
            this,
            'customer_id',
            'select customer_id from ' ~ ref('stg_deletion_requests')
            ~ " where row_state = 'kept'"
        ) }}
    {%- endif -%}
{%- endmacro %}
