"""How much a file may ask of us; what asks for more is refused and counted, not read.

Constants and not parameters: they guard the machine. All are far above what any record
in FHIR needs, so that no sound file's fate hangs on them.
"""

MIB = 1 << 20

CHUNK_BYTES = MIB
"""What is read or unpacked at a time."""

HELD_BYTES = 16 * MIB
"""Lines of a file up to here are kept until its end was seen; those of a larger file
are read a second time, because they may not enter before."""

PARSED_BYTES = 4 * MIB
"""Up to here a document, or the lines of a file, are held with what the gate tells of
each resource. What is larger is skimmed first, and judged one by one afterwards."""

DOCUMENT_BYTES = 1024 * MIB
"""One JSON document, unpacked: it stands in memory whole while its entries are cut."""

RESOURCE_BYTES = 16 * MIB
"""One resource. FHIR R4 ends a string at 1 MiB; the largest resources of records are
claims of some 100 KiB, and what is larger is a scan or a film, which no table needs."""

UNPACKED_BYTES = 64 * 1024 * MIB
"""What one packed file may unpack to."""

RATIO = 500
"""How many times its size a packed file may unpack to. Records shrink 10 to 40 times,
the same patient over and over some 200 times; a bomb of gzip reaches 1,000."""

RATIO_FROM_BYTES = 64 * MIB
"""Up to here nothing is a bomb, whatever its ratio."""

DEPTH = 100
"""Brackets in brackets, within one resource. Real ones reach about 15; the models of
fhir.resources give up between 200 and 400."""

BUNDLES_DEEP = 8
"""Bundles in bundles: each level is one more reading of all that is in it."""
