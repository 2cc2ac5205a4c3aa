"""Tables and cohorts in; a MEDS data set that other tools read out."""
