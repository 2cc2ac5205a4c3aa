"""A table of people in, as studies and registries publish them; FHIR out."""
