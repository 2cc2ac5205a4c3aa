"""Every word that says why something may not enter, and what it means.

The words are fixed: `refused.reason`, the ledger and the report show them, and whoever
sent the data is told them. `ISSUES` says what FHIR calls each in an OperationOutcome.
"""

from chronicle.ingest.rules import declared

# Those that the reader gives, before anything is known of FHIR.
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

# Broken rules of `rules/rules.yaml`: the first four refuse or warn, the rest warn.
RULES = {
    "null-value": "JSON's null where R4 wants a value, or nothing",
    "json-type": "a number as a text, a text as a number, or a text as an object",
    "not-in-value-set": "a code that R4 does not have for this element",
    "period-reversed": "a period that ends before it starts",
    "array-empty": "a list with nothing in it",
    "element-empty": "an element with nothing in it",
    "id-form": "an id that R4 would not call one",
    "text-empty": "a text without a character",
    "uri-form": "a URI with a blank in it, or without a character",
    "base64-form": "a picture or document that is not written in base64",
    "reference-form": "a reference that is neither `Type/id` nor a URI",
    "contained-nested": "something contained that contains",
    "contained-unreferenced": "something contained that nothing refers to",
}
# Every word that `refused.reason` may hold, and what it means.
REASONS = (
    READING
    | {
        "unknown-type": "a resourceType that R4 does not have",
        "invalid-R4": "fhir.resources R4B refuses it; `detail` names the elements",
    }
    | {rule: RULES[rule] for rule, told in declared.RULES.items() if told.refuses}
    | {
        "entered-in-error": "the source itself takes it back",
        "no-subject": "it does not say whose it is",
        "orphan": "its patient is not among the accepted",
        "no-time": "neither it nor its encounter says when",
        "no-medication": "it refers to a medication that is not among the accepted",
    }
)
# Source: HL7 FHIR R4 (4.0.1), value set issue-type, which is bound to
# OperationOutcome.issue.code as required. Words that are not used are left out.
_ISSUES = {
    "invalid": "unreadable empty not-utf8 lone-surrogate not-a-number invalid-R4",
    "structure": """
        not-json not-fhir duplicate-key null-value json-type array-empty element-empty
    """,
    "required": "no-subject no-time",
    "value": "id-form text-empty uri-form base64-form reference-form",
    "invariant": "period-reversed contained-nested contained-unreferenced",
    "code-invalid": "not-in-value-set",
    "forbidden": "link not-a-file",
    "not-supported": """
        unknown-type version-DSTU2 version-STU3 version-R5 not-gzip not-zstd
    """,
    "deleted": "entered-in-error",
    "not-found": "orphan no-medication",
    "too-long": "too-large",
    "too-costly": "zip-bomb too-deep",
    "incomplete": "truncated-gzip truncated-zstd",
    "exception": "broken-gzip broken-zstd",
    "conflict": "changed",
}
ISSUES = {word: issue for issue, words in _ISSUES.items() for word in words.split()}
