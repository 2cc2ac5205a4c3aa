"""Suites in, verdicts out: what any table may be asked, whichever stage asks it."""
