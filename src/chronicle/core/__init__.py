"""The words that all stages share: errors, tables, params, disease, store, workers."""
