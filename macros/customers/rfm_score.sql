{% macro rfm_score(value, thresholds) -%}
    (
        1
        + case when {{ value }} > {{ thresholds }}.threshold_1 then 1 else 0 end
        + case when {{ value }} > {{ thresholds }}.threshold_2 then 1 else 0 end
        + case when {{ value }} > {{ thresholds }}.threshold_3 then 1 else 0 end
        + case when {{ value }} > {{ thresholds }}.threshold_4 then 1 else 0 end
    )
{%- endmacro %}
