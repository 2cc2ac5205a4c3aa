"""Verdicts in; go, or stop."""
