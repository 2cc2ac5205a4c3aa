"""Dated records in, what each hospital would send out: FHIR, notes, faults."""
