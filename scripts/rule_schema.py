"""Print the JSON Schema of segment rules for editors: `scripts/rule_schema.py`."""

import sys

from customer_segments.rules.rule_schema import main

if __name__ == "__main__":
    sys.exit(main())
