"""The project's own rule compiler, without dbt around it."""
