"""Which unit a source left out: decided for a batch of its values, never for one.

A batch is what one source sent of one code in one month. Its values together say what
one alone cannot: a glucose of 6 may be anybody's slip, sixty of them are mmol/L.

Method: for each unit in which the measure is reported, the distance of the batch's
median from a population's, on a log scale and in its standard deviations. One unit must
fit and no other may come near. Where a batch is too small for that, the unit that the
source states beside all its other values of the same code and month is taken, for those
values that fit no other unit nearly as well.
"""

from functools import cache

import polars as pl

from chronicle.ingest import measures, units

BATCH = ["site", "code", "month"]
VALUE = [*BATCH, "source_value"]

LEAST_VALUES = 30  # of a batch, or of those that state a unit
FITS = 1.0  # standard deviations of the log
APART = 3.0
MIXED = 0.1  # share of a batch that another unit explains and this one does not
NO_LOG = 1e-9  # stands for what has no logarithm: far from every measure

# Never inferred. CRP and hs-CRP: mg/L and mg/dL both circulate under one code, and the
# sick span both. Weight: pounds are 2.2 kilograms, which is less than people differ.
NEVER = ("crp", "hscrp", "weight")


def _distance(value: pl.Expr) -> pl.Expr:
    """How far from what is usual, in standard deviations of the log; signed."""
    number = (value * pl.col("factor") + pl.col("offset")).clip(lower_bound=NO_LOG)
    return (number.log() - pl.col("usual")) / pl.col("spread")


def infer(missing: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """Decide units for values that came without.

    Args:
        missing: How often each value came in each batch: site, code, month,
            source_value, n.
        stated: How many values of the same batches came with a unit: site, code,
            month, source_unit, n.

    Returns:
        A row for each value (site, code, month, source_value) whose unit is sure, once:
        numeric_value, unit, and value_fate, which is `unit-inferred`, or `impossible`
        or `sentinel` with a null number. The order of rows means nothing.
    """
    z = _distance(pl.col("source_value")).abs()
    fits = missing.join(_candidates(), on="code").with_columns(z=z)
    said = _said(stated)
    by_median = _by_median(missing, fits).join(said, on=BATCH, how="left")
    agreed = by_median.filter(
        pl.col("rules").is_null()
        | ((pl.col("rules") == 1) & (pl.col("said") == pl.col("rule")))
    )
    few = fits.join(by_median, on=BATCH, how="anti")
    values = pl.concat(
        [
            fits.join(agreed.select(*BATCH, "rule"), on=[*BATCH, "rule"], how="semi"),
            _like_the_others(few, said),
        ]
    )
    return _in_kept_unit(values.select(*VALUE, "factor", "offset").unique())


@cache
def _candidates() -> pl.DataFrame:
    """Return the units of each measure; those that give the same number are one."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for code in measures.codes():
        measure = measures.of(code)
        if measure is None or measure.usual is None or measure.name in NEVER:
            continue
        for factor, offset in units.conversions(measure).values():
            rule = _name(factor, offset)
            found[code, rule] = {
                "code": code,
                "rule": rule,
                "factor": factor,
                "offset": offset,
                "usual": measure.usual,
                "spread": measure.spread,
            }
    return pl.DataFrame(list(found.values()))


def _name(factor: float, offset: float) -> str:
    return f"{factor!r} {offset!r}"


def _by_median(missing: pl.DataFrame, fits: pl.DataFrame) -> pl.DataFrame:
    """Return the batches whose values fit one unit, and no other."""
    middle = (_distance(pl.col("lower")) + _distance(pl.col("upper"))) / 2
    best = (
        _medians(missing)
        .join(_candidates(), on="code")
        .with_columns(distance=middle.abs())
        .sort("distance", "rule")
        .group_by(BATCH, maintain_order=True)
        .agg(
            pl.first("rule"),
            best=pl.col("distance").first(),
            next=pl.col("distance").get(1, null_on_oob=True),
        )
        .filter(
            pl.col("best") < FITS,
            pl.col("next").is_null() | (pl.col("next") > APART),
        )
    )
    return best.join(_mixed(fits, best), on=BATCH, how="anti").select(*BATCH, "rule")


def _medians(missing: pl.DataFrame) -> pl.DataFrame:
    """Return the two values in the middle of each batch that is large enough."""
    value, so_far, all_ = pl.col("source_value"), pl.col("so_far"), pl.col("all")
    return (
        missing.sort(VALUE)
        .with_columns(so_far=pl.cum_sum("n").over(BATCH), all=pl.sum("n").over(BATCH))
        .filter(all_ >= LEAST_VALUES)
        .group_by(BATCH)
        .agg(
            lower=value.filter(so_far >= (all_ + 1) // 2).min(),
            upper=value.filter(so_far >= all_ // 2 + 1).min(),
        )
    )


def _mixed(fits: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """Return the batches in which two units may have met."""
    mine = pl.col("rule") == pl.col("best_rule")
    strange = (mine & (pl.col("z") > APART)).any() & (
        ~mine & (pl.col("z") < FITS)
    ).any()
    return (
        fits.join(best.select(*BATCH, best_rule="rule"), on=BATCH)
        .group_by(VALUE)
        .agg(pl.first("n"), strange=strange)
        .group_by(BATCH)
        .agg(share=(pl.col("n") * pl.col("strange")).sum() / pl.col("n").sum())
        .filter(pl.col("share") > MIXED)
    )


def _said(stated: pl.DataFrame) -> pl.DataFrame:
    """Return what the source states elsewhere in the batch.

    Returns:
        site, code, month; how many different `rules`, one of them (`said`), and from
        how many values (`n`).
    """
    pairs = stated.select("code", "source_unit").unique()
    rules = pairs.with_columns(
        said=pl.struct("code", "source_unit").map_elements(
            lambda pair: _stated(pair["code"], pair["source_unit"]), pl.String
        )
    )
    return (
        stated.join(rules, on=["code", "source_unit"])
        .group_by(BATCH)
        .agg(rules=pl.col("said").n_unique(), said=pl.col("said").max(), n=pl.sum("n"))
    )


def _stated(code: str, unit: str) -> str:
    rule = units.rule_of(code, unit)
    return "?" if rule.factor is None else _name(rule.factor, rule.offset)


def _like_the_others(fits: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Return the values that may be taken to be in the unit of all the others."""
    sure = said.filter(pl.col("rules") == 1, pl.col("n") >= LEAST_VALUES)
    mine = pl.col("rule") == pl.col("said")
    values = fits.join(sure.select(*BATCH, "said"), on=BATCH)
    likely = (
        values.group_by(VALUE)
        .agg(
            own=pl.col("z").filter(mine).min(),
            other=pl.col("z").filter(~mine).min(),
        )
        .filter(
            pl.col("own").is_not_null(),
            pl.col("other").is_null() | (pl.col("other") > pl.col("own") + APART),
        )
    )
    return values.filter(mine).join(likely, on=VALUE, how="semi").select(fits.columns)


def _in_kept_unit(values: pl.DataFrame) -> pl.DataFrame:
    kept = []
    for code, value, factor, offset in values.select(
        "code", "source_value", "factor", "offset"
    ).iter_rows():
        measure = measures.of(code)
        assert measure is not None  # noqa: S101, only such codes have candidates
        rule = units.within(measure, "unit-inferred", factor, offset)
        kept.append(units.judged(value, rule))
    found = pl.DataFrame(
        kept,
        {"numeric_value": pl.Float64, "unit": pl.String, "value_fate": pl.String},
        orient="row",
    )
    return pl.concat([values.select(VALUE), found], how="horizontal")
