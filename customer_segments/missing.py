"""What to say where something was never loaded."""

from __future__ import annotations

import re

LOAD = {
    "en": "No data: load {missing}.",
    "ko": "데이터 없음: {missing} 데이터를 불러오세요.",
}


def what_to_load(missing: str, language: str) -> str:
    """A sentence from `missing_data` of a segment: names of data_sources, and days.

    `language` is en or ko; what is reached back to is said in words of it.
    """
    if language == "ko":
        missing = re.sub(r"(\S+) from (\S+) on", r"\1(\2부터)", missing)
        missing = missing.replace(" or ", " 또는 ")
    return LOAD[language].format(missing=missing)
