"""Stage `simulate`: params and diseases -> data/simulated, a landing and its truth."""

import logging
import math
from pathlib import Path

from pydantic import Field

from chronicle.core import params, store, workers
from chronicle.core.disease import Disease
from chronicle.core.errors import ParamsError
from chronicle.core.params import Params
from chronicle.simulate import part
from chronicle.simulate.lives.state import CODED
from chronicle.simulate.lives.truth import DAYS_A_YEAR, Window
from chronicle.simulate.sites import habits, spoil

log = logging.getLogger(__name__)

LAST_YEAR = 2040  # nobody is born after 2004; later, a population of the old is left


class SimulateParams(Params):
    """Section `simulate`.

    Args:
        patients: How many.
        seed: Of everything; with another one everybody is somebody else.
        first_year: The first calendar year of the records.
        last_year: The last.
        sites: Shares of the patients by site (`sites.yaml`); they are made to add up.
        faults: Shares of what each kind of fault may hit (`sites/kinds.py`).
        replays: How often each future is lived to know the true risk.
        treated_years: Index times of these years get the true risk under each
            treatment as well.
        noted_only: Shares of the conditions that stand in notes alone, by site. The
            true risk, which is that of a code, is then too high.
    """

    patients: int = Field(ge=1)
    seed: int = Field(ge=0)
    first_year: int = Field(ge=1990, le=LAST_YEAR)
    last_year: int = Field(ge=1990, le=LAST_YEAR)
    sites: dict[str, float] = Field(min_length=1)
    faults: dict[str, float]
    replays: int = Field(ge=1)
    treated_years: tuple[int, ...]
    noted_only: dict[str, float] = Field(default_factory=dict)


def run(diseases: Path, simulated: Path) -> None:
    """Simulate all patients, part by part: memory does not grow with their number."""
    plan = _plan(params.section("simulate", SimulateParams), diseases)
    parts = range(-(-plan.patients // part.PATIENTS))
    log.info("simulate: %d patients in %d parts", plan.patients, len(parts))
    with store.folder(simulated) as folder:
        written = workers.map_shards(
            part.write, parts, plan=plan, folder=folder.resolve()
        )
    patients, resources = (sum(each) for each in zip(*written, strict=True))
    log.info("simulate: %d patients, %d resources", patients, resources)


def _plan(settings: SimulateParams, diseases: Path) -> part.Plan:
    spoil.check(settings.faults)
    _check(settings)
    files = {path.stem: path for path in sorted(diseases.glob("*.yaml"))}
    windows = {}
    for slug in files.keys() & set(CODED):
        disease = params.load(files[slug], Disease)
        windows[slug] = Window(
            gap=disease.gap_days / DAYS_A_YEAR,
            horizon=disease.horizon_days / DAYS_A_YEAR,
        )
    return part.Plan(
        seed=settings.seed,
        patients=settings.patients,
        first_year=settings.first_year,
        last_year=settings.last_year,
        sites=settings.sites,
        faults=settings.faults,
        replays=settings.replays,
        treated_years=settings.treated_years,
        windows=dict(sorted(windows.items())),
        noted_only=settings.noted_only,
    )


def _check(settings: SimulateParams) -> None:
    """Refuse sites that nobody described, and years that run backwards.

    Raises:
        ParamsError: As it says.
    """
    known = sorted(habits.sites())
    named = settings.sites.keys() | settings.noted_only.keys()
    strange = sorted(named - set(known))
    shares = settings.sites.values()
    if strange or min(shares) < 0 or not 0 < sum(shares) < math.inf:
        raise ParamsError(
            f"sites: {', '.join(strange) or 'their shares'} cannot be used.",
            where="params.yaml: simulate",
            do=f"give shares to some of {', '.join(known)} (chronicle/simulate)",
        )
    if settings.last_year < settings.first_year:
        raise ParamsError(
            "last_year: before first_year.",
            where="params.yaml: simulate",
            do="let the records end after they begin",
        )
