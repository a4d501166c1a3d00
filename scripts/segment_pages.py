"""Write a page for each segment of the built warehouse, in English and Korean."""

import sys

from customer_segments.pages.segment_pages import main

if __name__ == "__main__":
    sys.exit(main())
