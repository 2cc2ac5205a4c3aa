"""Features and a model in; why a risk is what it is, and what would change it, out."""
