{% macro stage_deadline(threshold) -%}
    {%- set supposed = uncalibrated_stage(threshold) -%}
    case
        when is_calibrated and {{ threshold }}_days is not null
            then greatest(
                {{ threshold }}_days,
                {{ supposed.soonest }},
                1 + floor(
                    {{ threshold }}_lateness::double
                    * case when own_gap_count = 0 then 1 else expected_gap_days end
                    + 1e-9
                )::int
            )
        {%- for buyer_class in ('one_time', 'repeat') %}
        when not is_calibrated and buyer_class = '{{ buyer_class }}'
            then least({{ supposed.latest }}, greatest(
                {{ supposed[buyer_class].from_day }},
                1 + floor({{ supposed[buyer_class].gaps }} * expected_gap_days)::int
            ))
        {%- endfor %}
    end
{%- endmacro %}
