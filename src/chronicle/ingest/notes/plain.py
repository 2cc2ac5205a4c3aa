"""A note's bytes into plain text, whatever they were written in."""

import re


def plain(content: bytes, content_type: str) -> str:
    """Return the text of an attachment."""
    text = content.decode("utf-8", "replace")
    if "html" in content_type or "xml" in content_type:
        text = re.sub(r"<[^<>]*>", " ", text)
    return text
