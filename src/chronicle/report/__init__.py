"""Ledger, verdicts, cohorts and metrics in; the page that a clinician reads out."""
