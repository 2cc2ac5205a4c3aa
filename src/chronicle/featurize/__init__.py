"""Tables and a cohort in; what was known of each patient at the index time out."""
