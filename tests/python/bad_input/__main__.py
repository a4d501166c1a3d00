"""Print the catalogue of bad input as a Markdown table."""

from tests.python.bad_input import catalogue

print(catalogue())
