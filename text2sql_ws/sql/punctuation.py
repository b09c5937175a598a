"""Full-width punctuation and smart quotes as the ASCII that was meant, outside strings, names and comments.

Chinese input methods and chatty models write `，（）；“研发”`. The one rule: what stands inside quotes is
data and stays as it is.
"""

import re

_PLAIN = str.maketrans("，（）；：＝＞＜＊＋－／％！｜＆．＠", ",();:=><*+-/%!|&.@")
_PIECE = re.compile(
    r"(?P<kept>'(?:[^'\\]|\\.|'')*+'|\"(?:[^\"\\]|\\.|\"\")*+\"|`[^`\n]*`|--[^\n]*|/\*.*?\*/)"
    r"|(?P<open>'(?:[^'\\]|\\.|'')*+\\?\Z|\"(?:[^\"\\]|\\.|\"\")*+\\?\Z)"
    r"|(?P<smart>‘[^‘’]*’|“[^“”]*”|＇[^＇]*＇|＂[^＂]*＂|「[^「」]*」)"
    r"|(?P<mixed>‘[^'‘’\n]*')"
    r"|(?P<other>[^'\"`/‘“＇＂「-]+|.)",
    re.DOTALL,
)
_MIXED = re.compile(r"'[^'’\n]*’")
_MAX_MIXED = 20


def plain(sql: str) -> str:
    """`sql` with ASCII punctuation and plain spaces wherever it isn't quoted. Raises nothing."""
    parts: list[str] = []
    position = 0
    for _ in range(_MAX_MIXED):
        for piece in _PIECE.finditer(sql, position):
            if piece.lastgroup == "open":
                break
            parts.append(_mended(piece))
            position = piece.end()
        # A string that nothing closes may have been closed by a smart quote: 'abc’
        mixed = _MIXED.match(sql, position)
        if mixed is None:
            break
        parts.append(_quoted(mixed.group()))
        position = mixed.end()
    return "".join(parts) + sql[position:]


def _mended(piece: re.Match[str]) -> str:
    text = piece.group()
    match piece.lastgroup:
        case "kept":
            return text
        case "smart" | "mixed":
            return _quoted(text)
    return text.replace("\u3000", " ").replace("\xa0", " ").translate(_PLAIN)


def _quoted(text: str) -> str:
    return "'" + text[1:-1].replace("'", "''") + "'"
