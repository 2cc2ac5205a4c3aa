"""Expectations that can never fail, or only fail."""

from chronicle.check.asked import Entry, Rule, Suite
from chronicle.check.digits import holds
from chronicle.check.flag import named_codes
from chronicle.check.rules import Limits, Range
from chronicle.check.typed import Typed


def idle(suite: Suite) -> list[str]:
    """Name the expectations that can never fail, or only fail, with the reason."""
    told = {each.id: _idle(each) or _nobody(each, suite) for each in suite.expectations}
    return [f"{suite.name}.{name}: {why}" for name, why in told.items() if why]


def _idle(entry: Entry) -> str | None:
    limits, rule = entry.kwargs, entry.meta.rule
    low, high = limits.get("min_value"), limits.get("max_value")
    if limits.get("mostly") == 0:
        return "mostly is 0: all rows may fail"
    if low is not None and high is not None and low > high:
        return "min_value is above max_value: nothing passes"
    if rule is None:
        return None
    if (low is None or low <= 0) and (high is None or high >= 1):
        return "any share passes"
    if (low is not None and low > 1) or (high is not None and high < 0):
        return "a share lies between 0 and 1: nothing passes"
    return _bounds(rule) or _codes(entry) or _empty(rule)


def _bounds(rule: Rule) -> str | None:
    if isinstance(rule, Limits):
        odd = [code for code, (low, high) in rule.of.items() if low > high]
        return f"low is above high: {', '.join(odd)}" if odd else None
    if isinstance(rule, Typed) and not rule.unit + rule.point + rule.digits:
        return "unit, point and digits are 0: there is no slip"
    if not isinstance(rule, Range):
        return None
    low, high = rule.low, rule.high
    if low is None and high is None:
        return "neither low nor high is given"
    both = low is not None and high is not None
    return "low is above high" if both and low > high else None  # type: ignore[operator]


def _nobody(entry: Entry, suite: Suite) -> str | None:
    """Tell types that no row may have, as the suite itself says."""
    known = {
        word
        for each in suite.plain
        if each.kwargs.get("column") == "resource_type"
        for word in each.kwargs.get("value_set", ())
    }
    strange = [each for each in entry.meta.rows.types if known and each not in known]
    return f"no such type: {', '.join(strange)}" if strange else None


def _codes(entry: Entry) -> str | None:
    codes = (*entry.meta.rows.codes, *named_codes(entry))
    bad = [each for each in codes if holds(each) is False and "*" not in each]
    return f"no such code: {', '.join(bad)}" if bad else None


def _empty(rule: Rule) -> str | None:
    gone = [key for key, each in rule.model_dump().items() if each in ((), {})]
    needed = [each for each in gone if each not in ("alike", "unless", "usual")]
    return f"nothing in {', '.join(needed)}" if needed else None
