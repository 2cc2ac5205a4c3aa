"""Today's people, scores, outcomes in; how far from the first day of a model, out."""
