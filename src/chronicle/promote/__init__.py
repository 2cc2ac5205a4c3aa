"""A new model and the one in use in; which of them is in use, and why, out."""
