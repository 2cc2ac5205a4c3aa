"""Cohort and features in; one model, or the reason why there is none, out."""
