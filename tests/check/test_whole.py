"""What is asked of a table as a whole, and of today beside the accepted run."""

import polars as pl
import pytest

from chronicle.check import reference, whole
from tests.check.asking import NOTHING


def profile(*rows: tuple) -> pl.DataFrame:
    """Draw cells: of, site, part, year, bin, n."""
    return pl.DataFrame(rows, reference.PROFILE, orient="row")


def known(today: pl.DataFrame, before: pl.DataFrame = NOTHING) -> whole.Whole:
    return whole.Whole({}, today, before)


def years(site: str, part: str, *counts: int) -> list[tuple]:
    return [("rows", site, part, 2010 + at, "-", n) for at, n in enumerate(counts) if n]


VOLUME = whole.Volume(kind="volume", low=0.1, high=10, least=100)


@pytest.mark.parametrize(
    ("counts", "failed"),
    [
        ((500,) * 10, 0),
        ((500,) * 5 + (0,) + (500,) * 4, 1),
        ((500,) * 5 + (50,) + (500,) * 4, 0),
        ((500,) * 5 + (49,) + (500,) * 4, 1),
        ((0, *(500,) * 9), 0),  # a feed that begins with the second year
    ],
)
def test_a_year_in_which_a_type_all_but_stops_is_counted(counts, failed):
    rows = years("north", "Observation", *counts) + years("north", "X", *(900,) * 10)
    found = VOLUME.narrow(known(profile(*rows))).filter(part="Observation")
    assert found["failed"].to_list() == [failed]


def test_a_handful_a_year_is_not_asked():
    rows = years("north", "X", *(900,) * 9) + years(
        "north", "Y", *(9,) * 4, 0, *(9,) * 4
    )
    assert VOLUME.narrow(known(profile(*rows)))["part"].to_list() == ["X"]


def drift(of: str, today: pl.DataFrame, before: pl.DataFrame) -> dict[str, float]:
    rule = reference.Drift(kind="drift", of=of, least=100)
    found = rule.narrow(known(today, before))
    return dict(found.select("site", "share").iter_rows())


def test_a_changed_code_system_is_named_by_its_site():
    def mix(north: str) -> pl.DataFrame:
        return profile(
            ("systems", "north", "Condition", 0, north, 500),
            ("systems", "south", "Condition", 0, "SNOMED", 500),
        )

    found = drift("systems", mix("ICD10CM"), mix("ICD9CM"))
    assert found["north"] > 0.2
    assert found["south"] == 0
    both = known(mix("ICD10CM"), mix("ICD9CM"))
    told = reference.Drift(kind="drift", of="systems", least=1).narrow(both)
    assert told["part"].to_list() == ["Condition, from ICD9CM to ICD10CM", "Condition"]


@pytest.mark.parametrize(("now", "missing"), [(500, 0.0), (200, 0.6), (900, -0.8)])
def test_rows_that_are_missing_are_a_share_of_those_accepted(now, missing):
    today, before = (profile(*years("north", "X", n)) for n in (now, 500))
    assert drift("rows", today, before)["north"] == pytest.approx(missing)


def test_a_site_that_is_silent_lacks_all_and_a_new_one_is_not_asked():
    today = profile(*years("new", "X", 500))
    assert drift("rows", today, profile(*years("north", "X", 500))) == {"north": 1.0}


def test_a_lab_that_stops_at_one_site_is_named_though_its_type_goes_on():
    rows = [*years("north", "Observation", *(9000,) * 10)]
    gone = [
        ("labs", site, "LOINC//4548-4", 2010 + at, "-", 500)
        for at in range(10)
        for site in ("north", "south")
        if site == "south" or at < 5
    ]
    rows += years("south", "Observation", *(9000,) * 10)
    found = VOLUME.model_copy(update={"of": "labs"}).narrow(
        known(profile(*rows, *gone))
    )
    assert dict(found.select("site", "failed").iter_rows()) == {"north": 2, "south": 0}
    silent = profile(*(each for each in gone if each[1] == "south"))
    assert drift("labs", silent, profile(*gone)) == {"north": 1.0, "south": 0.0}


def test_few_rows_are_in_no_profile_and_a_profile_is_read_as_it_was_written(tmp_path):
    cells = profile(*years("north", "X", 9, 10), ("units", "n", "A//1", 0, "-", 10))
    enough = reference.enough(cells)
    assert enough["n"].to_list() == [10, 10]
    reference.write(enough, tmp_path / "profile.csv")
    assert reference.read(tmp_path / "profile.csv").equals(enough)
    assert reference.read(tmp_path / "none.csv").is_empty()


def test_where_nothing_was_accepted_nothing_is_asked():
    assert drift("rows", profile(*years("north", "X", 500)), NOTHING) == {}
