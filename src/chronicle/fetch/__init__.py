"""A FHIR server's export out of the network, into a folder that can be collected."""
