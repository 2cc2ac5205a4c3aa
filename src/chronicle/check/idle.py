"""Expectations that can never fail, or only fail."""

from chronicle.check.asked import Entry, Rule, Suite
from chronicle.check.digits import holds
from chronicle.check.flag import named_codes
from chronicle.check.rules import Range


def idle(suite: Suite) -> list[str]:
    """Name the expectations that can never fail, or only fail, with the reason."""
    told = {each.id: _idle(each) for each in suite.expectations}
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
    if isinstance(rule, Range) and rule.low is None and rule.high is None:
        return "neither low nor high is given"
    codes = (*entry.meta.rows.codes, *named_codes(entry))
    bad = [each for each in codes if holds(each) is False and "*" not in each]
    return f"no such code: {', '.join(bad)}" if bad else _empty(rule)


def _empty(rule: Rule) -> str | None:
    gone = [key for key, each in rule.model_dump().items() if each in ((), {})]
    needed = [each for each in gone if each not in ("alike", "unless", "usual")]
    return f"nothing in {', '.join(needed)}" if needed else None
