"""Resources in, patients and events out: FHIR's shapes end here."""
