"""Attachments into plain text."""

import pytest

from chronicle.ingest.limits import RESOURCE_BYTES
from chronicle.ingest.notes.paragraphs import paragraphs
from chronicle.ingest.notes.plain import REASONS, Unreadable, plain

HTML = b"""<html><head><title>x</title><style>p{}</style></head><body>
<h2>HPI</h2><p>No&nbsp;<b>chest</b> pain &amp; BP &lt; 130.</p>
<!-- secret --><script>alert("EF 20%")</script>
<ul><li>HTN<li>DM2</ul><table><tr><td>EF</td><td>55%</td></tr></table></body>"""

CDA = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>
<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><name>Ann Pell</name></recordTarget>
<component><section><title>History</title><text><list><item>No <content>HTN</content>
</item></list>&b;</text><entry><observation><value displayName="HTN"/>coded</observation>
</entry></section></component></ClinicalDocument>"""  # noqa: E501, as documents are

RTF = (
    rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator Word;}{\info{\author Pell}}"
    rb"\pard No \b HTN\b0 .\par EF 55\'25, 20 \u176?C \{x\}}"
)


def lines(text: str) -> list[str]:
    return [each for line in text.split("\n") if (each := " ".join(line.split()))]


@pytest.mark.parametrize(
    ("content", "kind", "shown"),
    [
        (HTML, "text/html; charset=utf-8",
         ["HPI", "No chest pain & BP < 130.", "- HTN", "- DM2", "EF 55%"]),
        (CDA, "text/xml", ["History", "- No HTN", "&b;"]),
        (RTF, "application/rtf", ["No HTN.", "EF 55%, 20 °C {x}"]),
        (RTF, "application/vnd.rtf", ["No HTN.", "EF 55%, 20 °C {x}"]),
        (RTF, "text/plain", ["No HTN.", "EF 55%, 20 °C {x}"]),
        (rb"{\rtf1 No {\v HTN}EF.\v x\v0  {\deleted MI}}", "text/rtf", ["No EF."]),
        (HTML, "text/plain",
         ["HPI", "No chest pain & BP < 130.", "- HTN", "- DM2", "EF 55%"]),
        (b"< 130 is <p> fine", "text/plain", ["< 130 is <p> fine"]),
        ("naïve".encode("utf-32"), "text/plain", ["naïve"]),
        (b"a\r\nb\rc\x07d\xc2\xadx", "text/plain", ["a", "b", "c dx"]),
        ("naïve".encode("latin-1"), "text/plain; charset=iso-8859-1", ["naïve"]),
        ("naïve".encode("latin-1"), "", ["naïve"]),
        ("naïve".encode("utf-16"), "text/plain", ["naïve"]),
        ("naïve".encode(), "text/plain; charset=none-such", ["naïve"]),
        (b"MI", "text/plain; charset=base64", ["MI"]),
        (b"MI", "text/plain; charset=undefined", ["MI"]),
        (b"M-I", "text/plain; charset=punycode", ["M-I"]),
        (b"." * 80, "text/plain; charset=idna", ["." * 80]),
        (rb"a\x41", "text/plain; charset=unicode_escape", [r"a\x41"]),
    ],
)  # fmt: skip
def test_only_what_a_reader_sees_is_left(content, kind, shown):
    assert lines(plain(content, kind)) == shown


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"%PDF-1.7", "application/pdf", "note-type"),
        (b"MZ\0\0\0", "text/plain", "note-binary"),
        (b" " * (RESOURCE_BYTES + 1), "text/plain", "note-too-large"),
    ],
)
def test_what_cannot_be_read_says_why_and_nothing_of_the_note(content, kind, reason):
    with pytest.raises(Unreadable) as told:
        plain(content, kind)
    assert told.value.reason == str(told.value) == reason
    assert reason in REASONS


def test_a_copied_paragraph_is_the_same_text_wherever_it_stands():
    copied = "HTN, stable.\nContinue lisinopril."
    first, later = f"{copied}\n\nNew: cough.", f"\n 3/4\n \t\n\n  {copied}  \n\n\n"
    told = [{text[a:b] for a, b in paragraphs(text)} for text in (first, later)]
    assert copied in told[0] & told[1]
    assert paragraphs("") == paragraphs(" \n\n ") == ()
