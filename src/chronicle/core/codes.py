"""Which events are meant: by their code, and only what somebody says did happen."""

import polars as pl

# FHIR statuses of things that did not happen, or that nobody asserts.
NOT_ASSERTED = (
    "not-done", "cancelled", "refuted", "provisional", "differential", "unconfirmed",
    "draft", "proposed", "planned",
)  # fmt: skip


def asserted() -> pl.Expr:
    """Select the events that somebody says did happen.

    Source: HL7 FHIR R4 value sets condition-ver-status, event-status, request-status.
    """
    return pl.col("status").is_in(NOT_ASSERTED).fill_null(False).not_()


def recorded() -> pl.Expr:
    """Select the events at whose time somebody was looking.

    A birth is told later, and one wrong date of birth is no day of the data.
    """
    return asserted() & (pl.col("code") != "MEDS_BIRTH")


def has_code(codes: tuple[str, ...]) -> pl.Expr:
    """Select the events whose code is one of `codes`; `ICD10CM//I25*` is a prefix.

    ICD codes are compared without their dot: hospitals write E119 and E11.9.

    >>> frame = pl.DataFrame({"code": ["ICD10CM//I25.1", "ICD10CM//I2"]})
    >>> frame.select(has_code(("ICD10CM//I25*",))).to_series().to_list()
    [True, False]
    """
    plain = tuple(code.replace(".", "") for code in codes)
    exact = [code for code in plain if not code.endswith("*")]
    column = pl.col("code").str.replace(".", "", literal=True)
    hit = column.is_in(exact)
    for prefix in (code.removesuffix("*") for code in plain if code.endswith("*")):
        hit |= column.str.starts_with(prefix)
    return hit
