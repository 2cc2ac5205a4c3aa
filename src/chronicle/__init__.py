"""Chronicle: from a hospital's FHIR records to chronic-disease risk models."""
