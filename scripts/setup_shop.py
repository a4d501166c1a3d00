"""The settings of dbt_project.yml that follow from the country of a shop."""

import sys

from customer_segments.setup_shop import main

if __name__ == "__main__":
    sys.exit(main())
