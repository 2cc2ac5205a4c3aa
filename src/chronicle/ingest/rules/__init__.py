"""What FHIR R4 asks beyond what the R4B models check, and what a breach costs."""
