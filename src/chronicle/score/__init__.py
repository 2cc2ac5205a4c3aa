"""Who is asked today and models in use in; risks of today out, also as FHIR."""
