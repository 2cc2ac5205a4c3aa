import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.core import store
from chronicle.core import tables as declared
from chronicle.core.tables import EVENTS
from chronicle.index.rule import Rule, index_times
from tests.drawn import INDEX, day, events

VISITS = Rule(codes=("ENCOUNTER//AMB",))
NEW_YEAR = Rule(codes=("ENCOUNTER//AMB",), day="01-01", within_days=730)
TODAY = Rule(codes=("ENCOUNTER//AMB",), day="last", within_days=730)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.integers(-1500, 1500),
        st.sampled_from(["ENCOUNTER//AMB", "ENCOUNTER//IMP", "SNOMED//1"]),
        st.integers(0, 200),
    ),
    max_size=12,
)


def times(text: str, rule: Rule = VISITS, end: int = 5000) -> list:
    found = index_times(events(text), rule, day(end))
    return found["prediction_time"].to_list()


def drawn(lines: list[tuple]) -> str:
    return "\n".join(f"{n} {d} {c} known={d + later}" for n, d, c, later in lines)


def test_the_end_of_the_first_visit_of_each_calendar_year_is_an_index_time():
    text = """
        ann    -1 ENCOUNTER//AMB known=0.5
        ann    10 ENCOUNTER//AMB
        ann   365 ENCOUNTER//AMB
        ann   366 ENCOUNTER//IMP
    """
    assert times(text) == [day(0.5), day(365)]


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        pytest.param(0, [0, 365], id="that ends on the day itself"),
        pytest.param(0.5, [365], id="that ends half a day later"),
        pytest.param(-729, [-365, 0], id="on the last day that counts"),
        pytest.param(-730, [-730, -365], id="a day earlier"),
    ],
)
def test_a_new_year_counts_for_those_who_were_seen_lately(visit, expected):
    # Day 0 is 2019-01-01.
    found = times(f"ann {visit} ENCOUNTER//AMB", NEW_YEAR)
    assert found == [day(each) for each in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ann 1400 ENCOUNTER//AMB", [1400], id="the visit itself"),
        pytest.param(
            "ann 1400 ENCOUNTER//AMB\nann 1390 LOINC//1-8 1 known=1403",
            [1403],
            id="a value that came in after it",
        ),
        pytest.param(
            "ann 1400 ENCOUNTER//AMB\nann 1500 SNOMED//1 status=planned",
            [1400],
            id="a plan is no news",
        ),
        pytest.param(
            "ann 1400 ENCOUNTER//AMB\nann 1500 SNOMED//1 known=2001",
            [1400],
            id="nor what nobody knows yet",
        ),
        pytest.param("ann 1270 ENCOUNTER//AMB", [], id="who is in care no more"),
        pytest.param(
            "ann 1270 ENCOUNTER//AMB\nann 2500 ENCOUNTER//AMB",
            [],
            id="nor for a visit that is dated ahead",
        ),
        pytest.param("ann 1900 SNOMED//1", [], id="who was never seen"),
    ],
)
def test_today_is_when_a_patient_in_care_was_last_heard_of(text, expected):
    assert times(text, TODAY, 2000) == [day(each) for each in expected]


def test_a_cancelled_visit_is_none():
    assert times("ann 0 ENCOUNTER//AMB status=cancelled") == []


def test_nobody_is_asked_after_the_last_record_of_all():
    assert times("ann 300 ENCOUNTER//AMB", NEW_YEAR, end=364) == []
    assert times("ann 300 ENCOUNTER//AMB", NEW_YEAR, end=365) == [day(365)]


@given(LINES, LINES, st.sampled_from([VISITS, NEW_YEAR]))
def test_what_becomes_known_later_changes_no_index_time_before(past, future, rule):
    known = [each for each in past if each[1] + each[3] <= 0]
    later = [(name, abs(at) + 1, code, 0) for name, at, code, _ in future]
    late = [(n, at, code, 1501) for n, at, code, _ in future]

    def until_now(lines: list[tuple]) -> list:
        found = index_times(events(drawn(lines)), rule, day(5000))
        return found.filter(found["prediction_time"] <= INDEX).rows()

    assert until_now(known) == until_now(known + later + late)


@given(LINES, st.integers(1, 900))
def test_a_plain_reading_of_the_rules_agrees(lines, within):
    visits = {
        (name, day(at + later))
        for name, at, code, later in lines
        if code == "ENCOUNTER//AMB"
    }
    years = range(2010, 2030)
    first = {(n, min(t for m, t in visits if (m, t.year) == (n, end.year)))
             for n, end in visits}  # fmt: skip
    fixed = {
        (name, INDEX.replace(year=year))
        for name, _ in visits
        for year in years
        if any(
            n == name and 0 <= (INDEX.replace(year=year) - end).days < within
            and end <= INDEX.replace(year=year)
            for n, end in visits
        )
    }  # fmt: skip
    rule = NEW_YEAR.model_copy(update={"within_days": within})
    numbers = {"ann": 1, "bob": 2}
    for asked, expected in ((VISITS, first), (rule, fixed)):
        found = index_times(events(drawn(lines)), asked, day(9000))
        assert found.rows() == sorted((numbers[n], t) for n, t in expected)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"day": "02-29"}, "pattern"),
        ({"within_days": None}, "belong together"),
        ({"codes": ()}, "at least 1"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(changes, told):
    with pytest.raises(ValueError, match=told):
        Rule.model_validate({**NEW_YEAR.model_dump(), **changes})


def test_a_rule_that_nobody_described_is_an_error_that_names_the_others(run):
    told = run("index", "data/tables", "data/index/full_moon", exits=10)
    assert "'full_moon' is no index rule" in told
    assert "visits" in told


def test_the_stage_writes_a_shard_for_each_shard_of_the_tables(run, project):
    for shard, name in enumerate(("ann", "bob")):
        # A day without an hour is known from its end on.
        visit = events(f"{name} 0 ENCOUNTER//AMB\n{name} 400 SNOMED//1 known=400.9")
        # A date of birth that is wrong is no day of the data, and hides nobody.
        born = events(f"{name} 900 MEDS_BIRTH")
        store.write(
            EVENTS, visit.vstack(born), project / f"tables/events/{shard}.parquet"
        )
    for rule in ("visits", "new_year", "today"):
        run("index", "tables", f"index/{rule}")
    found = {
        path.relative_to(project / "index").as_posix(): store.read(
            declared.INDEX, path
        ).rows()
        for path in sorted((project / "index").rglob("*.parquet"))
    }
    assert found == {
        "new_year/0.parquet": [(1, day(0)), (1, day(365))],
        "new_year/1.parquet": [(2, day(0)), (2, day(365))],
        "today/0.parquet": [(1, day(400.9))],
        "today/1.parquet": [(2, day(400.9))],
        "visits/0.parquet": [(1, day(0))],
        "visits/1.parquet": [(2, day(0))],
    }
