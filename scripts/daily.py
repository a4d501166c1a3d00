"""The morning's work: load the shop's files, build the warehouse, export audiences."""

import sys

from customer_segments.daily import main

if __name__ == "__main__":
    sys.exit(main())
