"""Answer the twelve questions of a Monday morning from a built warehouse."""

import sys

from customer_segments.monday import main

if __name__ == "__main__":
    sys.exit(main())
