"""A new shop's settings follow from its country; nothing else of the project moves."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from customer_segments import setup_shop
from tests.python.warehouse import ROOT

PROJECT = (ROOT / "dbt_project.yml").read_text("utf-8")
MOBILE = {
    "KR": ("+821012345678", "+82212345678"),
    "DE": ("+4915112345678", "+493012345678"),
    "GB": ("+447400123456", "+442071838750"),
    "JP": ("+819012345678", "+81312345678"),
    "US": ("+12015550123", "+1201555012"),
}
# countries of several; Germany has an exclave with a zone of its own
ZONES = {"DE": "Europe/Berlin", "US": "America/New_York"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's file."""
    (tmp_path / "dbt_project.yml").write_text(PROJECT, "utf-8")
    (tmp_path / "seeds").mkdir()
    shutil.copy(ROOT / "seeds" / "holidays.csv", tmp_path / "seeds")
    return tmp_path


def written(project: Path) -> dict[str, object]:
    """The variables that its file holds."""
    found: dict[str, object] = yaml.safe_load(
        (project / "dbt_project.yml").read_text()
    )["vars"]
    return found


@pytest.mark.parametrize("country", MOBILE)
def test_a_mobile_number_of_a_country_is_one(country: str) -> None:
    mobile, other = MOBILE[country]
    lines = setup_shop.settings(country, zone=ZONES.get(country))
    pattern = lines["mobile_number_pattern"].strip("'")
    assert re.fullmatch(pattern, mobile) and not re.fullmatch(pattern, other)


def test_settings_are_shown_first_and_then_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--country", "gb", "--project-dir", str(project)]
    assert setup_shop.main(asked) == 0
    said = capsys.readouterr().out
    assert "+   reporting_currency: GBP" in said and "say --write" in said
    assert (project / "dbt_project.yml").read_text("utf-8") == PROJECT
    assert setup_shop.main([*asked, "--write"]) == 0
    known = yaml.safe_load(PROJECT)["vars"]
    now = written(project)
    changed = {name: now[name] for name in known if now[name] != known[name]}
    pattern = changed.pop("mobile_number_pattern")
    assert changed == {
        "business_timezone": "Europe/London",
        "holiday_country": "GB",
        "reporting_currency": "GBP",
        "phone_country_code": "44",
        # fifty thousand won are no pounds
        "free_delivery_from": None,
    }
    assert re.fullmatch(str(pattern), "+447400123456")
    days_off = (project / "seeds" / "holidays.csv").read_text("utf-8")
    assert "GB,2026-08-31,Late Summer Bank Holiday," in days_off
    assert setup_shop.main([*asked, "--write"]) == 0
    assert "has these settings already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--country", "XX"], "XX is no country"),
        (["--country", "US"], "say --time-zone, one of America/Adak"),
        (["--country", "KR", "--time-zone", "Asia/Soul"], "Asia/Soul is no time zone"),
        (["--country", "GB", "--region", "BY"], "BY is no region of GB"),
        (["--country", "KR", "--currency", "WON1"], "WON1 is no currency"),
    ],
)
def test_what_does_not_follow_is_asked_for(
    project: Path, capsys: pytest.CaptureFixture[str], asked: list[str], told: str
) -> None:
    assert setup_shop.main([*asked, "--project-dir", str(project), "--write"]) == 2
    assert told in capsys.readouterr().err
    assert (project / "dbt_project.yml").read_text("utf-8") == PROJECT
