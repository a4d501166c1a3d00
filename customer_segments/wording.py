"""Numbers and errors as people write them in English and Korean."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

LANGUAGES = ("en", "ko")


class Spoken(Exception):
    """An error in both languages; its text is the English one."""

    def __init__(self, en: str, ko: str) -> None:
        super().__init__(en)
        self.ko = ko

    def said(self, language: str) -> str:
        """The error in a language."""
        return self.ko if language == "ko" else str(self)


@dataclass(frozen=True)
class Currency:
    """What amounts are in, and how many minor units one of it has."""

    code: str
    minor_units: int

    def shown(self, amount: Decimal | float, language: str) -> str:
        """An amount with its currency, 12,900원."""
        decimals = len(str(self.minor_units)) - 1
        number = f"{amount:,.{decimals}f}"
        if self.code == "KRW" and language == "ko":
            return f"{number}원"
        return f"{number} {self.code}"


def percent(share: Decimal | float | None, is_signed: bool = False) -> str:
    """A share of one as a percentage, +37.7 %; a dash where there is none."""
    if share is None:
        return "–"
    return f"{100 * share:{'+' if is_signed else ''}.1f} %"
