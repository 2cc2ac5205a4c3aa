"""Tables in, verdicts out: what each table was asked, and what it answered."""
