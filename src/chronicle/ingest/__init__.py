"""Resources in, patients and events out: FHIR's shapes end here."""

import os

# Asked by polars' allocator when it is loaded. Of its arenas, four for each core, each
# keeps for itself what was freed: a sixth of the memory of a large landing.
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:2")
