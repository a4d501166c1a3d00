"""What was decided about a customer is told: what speaks for it, or all of it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from customer_segments import why
from tests.python.warehouse import Warehouse

Condition = tuple[str, str, Any, bool]


class Customer:
    """A customer of the sample, who is in segments and nearly in others."""

    def __init__(self, shop: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
        self.shop, self.capsys = shop, capsys
        [(self.customer_id,)] = shop.query(
            "select customer_id from audience_exclusions"
            " inner join segment_members using (customer_id)"
            " group by customer_id order by count(*) desc, customer_id limit 1"
        )
        self.conditions: dict[str, list[Condition]] = defaultdict(list)
        for segment, *condition in shop.query(
            "select segment, condition_en, condition_ko, observed_value, is_met"
            f" from segment_reasons where customer_id = '{self.customer_id}'"
            " order by segment, condition_number"
        ):
            self.conditions[segment].append(tuple(condition))

    def tell(self, *options: str) -> str:
        """What is said of the customer."""
        code = why.main(
            [self.customer_id, "--database", str(self.shop.database), *options]
        )
        assert code == 0
        return self.capsys.readouterr().out


@pytest.fixture
def customer(shop: Warehouse, capsys: pytest.CaptureFixture[str]) -> Customer:
    """A customer of the sample."""
    return Customer(shop, capsys)


def below(text: str, heading: str) -> list[str]:
    """First words of the rows of a table."""
    lines = text[text.index(f"\n{heading}") + 1 :].split("\n")[2:]
    rows: list[str] = []
    for line in lines:
        if not line.strip():
            break
        rows += line.split()[:1] if line[0] != " " else []
    return rows


def test_segments_she_is_in_or_nearly_in_are_told(customer: Customer) -> None:
    """One of several conditions short, and no other; the rest is counted."""
    met = {
        segment: [is_met for *_, is_met in conditions]
        for segment, conditions in customer.conditions.items()
    }
    inside = {segment for segment, answers in met.items() if all(answers)}
    nearly = {
        segment
        for segment, answers in met.items()
        if answers.count(False) == 1 and len(answers) > 1
    }
    assert inside and nearly and len(inside | nearly) < len(met)
    told = customer.tell()
    assert set(below(told, "In these segments")) == inside
    assert set(below(told, "One condition short of these")) == nearly
    others = len(met) - len(inside | nearly)
    assert f"\n{others} more segments and " in told
    everything = customer.tell("--all")
    assert set(below(everything, "Not in these segments")) == (
        set(met) - inside - nearly
    )
    assert "--all" not in everything


def test_each_condition_has_what_was_found(customer: Customer) -> None:
    """Numbers and labels beside the threshold that the sentence names."""
    told = {" ".join(line.split()) for line in customer.tell().splitlines()}
    [(band, gender, days)] = customer.shop.query(
        "select ages.label_en, genders.label_en, days_since_sign_up from customers"
        " inner join labels as ages"
        " on ages.vocabulary = 'age_band' and ages.value = age_band"
        " inner join labels as genders"
        " on genders.vocabulary = 'gender' and genders.value = gender"
        f" where customer_id = '{customer.customer_id}'"
    )
    assert any(line.startswith(f"{band}, {gender}; ") for line in told)
    assert any(
        line.startswith("all_customers ")
        and line.endswith(f" Days since sign-up at least 0 {days:,}")
        for line in told
    )


def test_audiences_that_concern_her_are_told(customer: Customer) -> None:
    """Those she receives or is kept out of, with the reason as the seed calls it."""
    reasons = dict(
        customer.shop.query(
            "select audience, label_ko from audience_exclusions"
            " inner join main_seeds.exclusion_reasons using (reason)"
            f" where customer_id = '{customer.customer_id}'"
        )
    )
    receives = {
        audience
        for (audience,) in customer.shop.query(
            "select audience from audience_members"
            f" where customer_id = '{customer.customer_id}'"
        )
    }
    told = customer.tell("--lang", "ko")
    assert set(below(told, "오디언스")) == set(reasons) | receives
    for audience, reason in reasons.items():
        [line] = [one for one in told.splitlines() if one.startswith(f"{audience} ")]
        assert reason in line
    [(count,)] = customer.shop.query("select count(*) from audiences")
    assert len(below(customer.tell("--all"), "Audiences")) == count


def test_korean_readers_get_korean(customer: Customer) -> None:
    """Every text, condition and label; ids alone are as they are."""
    english = {
        text
        for key, text in why.TEXTS["en"].items()
        if len(text) > 5 and "{" not in text and key != "bounds"
    }
    conditions = {en for group in customer.conditions.values() for en, *_ in group}
    told = customer.tell("--lang", "ko", "--all")
    assert [text for text in english | conditions if f" {text} " in told] == []
    assert [text for text in english if f"\n{text} " in told] == []
    assert "원" in told
    assert why.TEXTS["ko"].keys() == why.TEXTS["en"].keys()


def test_who_is_not_there_is_said_in_the_language(
    shop: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    database = ("--database", str(shop.database))
    assert why.main(["C-none", *database, "--lang", "ko"]) == 2
    assert "'C-none' 고객이 없습니다" in capsys.readouterr().err
    assert why.main(["", *database, "--lang", "ko"]) == 2
    assert "고객을 적으세요" in capsys.readouterr().err
