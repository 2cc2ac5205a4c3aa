"""The fast tier of validation: accepts only what `fhir.resources` R4B accepts."""
