"""Audience names as file names, and the first line of a file."""

import re

HEADER = (
    "audience",
    "customer_id",
    "channel",
    "identifier",
    "message_class",
    "campaign_id",
)
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")


def is_file_name(audience: str) -> bool:
    """Whether an audience may give its name to a file on any system."""
    return bool(NAME.fullmatch(audience)) and not DEVICE.fullmatch(audience)


def file_name(audience: str) -> str:
    """The file of an audience, below the out folder."""
    return f"{audience}.csv"
