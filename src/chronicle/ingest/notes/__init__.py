"""A note's text in, what it says out: mentions. No FHIR here, and no text leaves."""
