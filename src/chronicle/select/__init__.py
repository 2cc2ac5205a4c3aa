"""Tables and a disease in; who is at risk at which index time, and what came of it."""
