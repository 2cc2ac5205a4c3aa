"""RTF into plain text: the words of its body, in one walk."""

import re

# Groups that hold fonts, colours, pictures and who wrote it: nothing that is read.
UNSEEN = frozenset(
    ["fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata",
     "colorschememapping", "datastore", "latentstyles", "rsidtbl", "generator",
     "listtable", "listoverridetable", "header", "footer", "headerl", "headerr",
     "footerl", "footerr", "fldinst", "xmlnstbl", "mmathPr"]
)  # fmt: skip
HIDDEN = frozenset({"v", "deleted"})  # until they are switched off with a 0
SHOWN_AS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t",
    "cell": "\t", "emdash": "-", "endash": "-", "bullet": "*", "lquote": "'",
    "rquote": "'", "ldblquote": '"', "rdblquote": '"',
}  # fmt: skip
ESCAPED = {"~": " ", "-": "", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n"}

_PIECE = re.compile(
    r"\\(?:([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|'([0-9a-fA-F]{2})|(.|\n))"
    r"|([{}])|([^\\{}]+)",
    re.DOTALL,
)


def unformatted(text: str) -> str:
    r"""Return what a document in RTF says.

    >>> unformatted(r"{\rtf1{\fonttbl Arial;}No \b chest\b0  pain.\par EF 55\'25}")
    'No chest pain.\nEF 55%'
    """
    shown: list[str] = []
    # Of each open group: whether it is seen, how many characters stand for a \u, and
    # whether its words are hidden or struck out.
    groups = [(True, 1, False)]
    skip = 0
    for found in _PIECE.finditer(text):
        word, number, byte, sign, brace, run = found.groups("")
        seen, instead, hidden = groups[-1]
        if brace == "{":
            groups.append((seen, instead, hidden))
        elif brace:
            if len(groups) > 1:
                groups.pop()
        elif word in UNSEEN or sign == "*":
            groups[-1] = (False, instead, hidden)
        elif word in HIDDEN:
            groups[-1] = (seen, instead, number != "0")
        elif word == "uc":
            groups[-1] = (seen, min(int(number or 1), 8), hidden)
        elif word == "u" and number:
            skip = instead
            shown.append(_character(int(number)) if seen and not hidden else "")
        elif seen and not hidden:
            told = _told(word, byte, sign, run)
            shown.append(told[skip:] if byte or run else told)
            skip = max(0, skip - len(told)) if byte or run else 0
    return "".join(shown)


def _told(word: str, byte: str, sign: str, run: str) -> str:
    if byte:
        return bytes.fromhex(byte).decode("cp1252", "replace")
    if word:
        return SHOWN_AS.get(word, "")
    return ESCAPED.get(sign, "") if sign else run.replace("\n", "")


def _character(number: int) -> str:
    number %= 1 << 16  # RTF writes what is above 32767 as a negative number
    return "" if 0xD800 <= number < 0xE000 else chr(number)
