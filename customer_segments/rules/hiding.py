"""Which counts of a table may be told: none that is small, nor what gives one away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

# What is told in the place of a number: fewer than the minimum, or nothing at all.
FEW = "few"
KEPT_BACK = "kept_back"
Told = int | str
IsSmall = Callable[[int], bool]
# Conditions that people meet all of; none = everybody.
Met = frozenset[Any]


def told_counts(counts: Mapping[Met, int], is_small: IsSmall) -> dict[Met, Told]:
    """Counts of who meets all of some conditions, as they may be told.

    One that is small is not, nor one with which those that come before it would make a
    small group known: who meets some conditions and none of some others.
    """
    groups = list(groups_of(list(counts)))
    told: dict[Met, Told] = {}
    for met, count in counts.items():
        told[met] = FEW if is_small(count) else count
        for group in groups:
            if (
                met in group
                and all(isinstance(told.get(one), int) for one in group)
                and is_small(sum(sign * counts[one] for one, sign in group.items()))
            ):
                told[met] = KEPT_BACK
    return told


def groups_of(known: Sequence[Met]) -> Iterator[dict[Met, int]]:
    """Groups that counts make known: which are added (1) and which taken away (-1)."""

    def left_out(
        corners: dict[Met, int], others: Sequence[Met]
    ) -> Iterator[dict[Met, int]]:
        """Leave one more of the others out of a group, if that stays known."""
        for place, other in enumerate(others):
            smaller = Counter(corners)
            for one, sign in corners.items():
                smaller[one | other] -= sign
            group = {one: sign for one, sign in smaller.items() if sign}
            if group and set(group) <= there and group != corners:
                yield group
                yield from left_out(group, others[place + 1 :])

    there = set(known)
    for whole in there:
        yield from left_out({whole: 1}, [one for one in known if whole < one])
