"""Cohorts and features in; what of them may not be learnt from, or nothing."""
