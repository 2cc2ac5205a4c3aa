"""Virtual lives, year by year, and the truth about them; nothing of FHIR."""
