"""Features and a model in; metrics on patients whom the model never saw out."""
