"""Tables in; when a score would be shown out, whatever the disease."""
