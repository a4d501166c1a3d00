"""Make a sample shop, build four days of it, export its audiences, write pages."""

import sys

from customer_segments.demo import main

if __name__ == "__main__":
    sys.exit(main())
