"""Everything that was decided about one customer, and what decided it."""

import sys

from customer_segments.why import main

if __name__ == "__main__":
    sys.exit(main())
