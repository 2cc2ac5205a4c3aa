"""Every word that says why something may not enter, and what it means.

The words are fixed: `refused.reason`, the ledger and the report show them, and whoever
sent the data is told them. Here are those that the reader gives, before anything is
known of FHIR; `accept.REASONS` adds the rest.
"""

READING = {
    "link": "a link: not followed, since it can lead out of the landing folder",
    "not-a-file": "a pipe, a socket or a device, which is never opened",
    "unreadable": "the file may not be opened, or is gone",
    "changed": "the file changed while it was read: the next run takes it",
    "empty": "there is nothing in the file",
    "truncated-gzip": "the file ends before its gzip stream does",
    "broken-gzip": "the file begins as gzip and goes on as something else",
    "not-gzip": "the file is named .gz and is neither gzip nor JSON",
    "truncated-zstd": "the file ends before its zstd stream does",
    "broken-zstd": "the file begins as zstd and goes on as something else",
    "not-zstd": "the file is named .zst and is neither zstd nor JSON",
    "zip-bomb": "the file unpacks to far more than records do",
    "too-large": "larger than a resource, or a document, may be",
    "too-deep": "brackets in brackets, or bundles in bundles, beyond the limit",
    "not-utf8": "a byte that is no character of UTF-8",
    "lone-surrogate": "half a character (\\ud800 to \\udfff)",
    "not-a-number": "NaN or Infinity, which JSON does not have",
    "duplicate-key": "the same key twice in one object, which R4 forbids",
    "not-json": "the file or line is not JSON",
    "not-fhir": "JSON without a resourceType",
    "version-DSTU2": "it stands in a bundle or file of FHIR DSTU2",
    "version-STU3": "it stands in a bundle or file of FHIR STU3",
    "version-R5": "it stands in a bundle or file of FHIR R5",
}
