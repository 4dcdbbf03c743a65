"""Converts an HTML body to marked lines: what its nodes say is quote or signature, and what nobody saw left out.

Mail programs mark what they quote far better in HTML than in text, so nodes are judged here, before anything
becomes text; words that introduce a quote are judged afterwards, in `mail.reading.quotes`, as for plain text.
Walks the tree once and without recursion; ready-made converters take five times as long and lose the marks.
It must never fetch, run or keep anything of the page, and never raise.
"""

import re
from itertools import islice
from typing import Any, Final

from mail.reading.characters import clean
from mail.reading.lines import LineMark, TextLine
from mail.reading.quotes import marked

HTML_CAP: Final = 1024 * 1024
ATTRIBUTES_CAP: Final = 200
"""of one tag"""
TAGS_CAP: Final = 50_000
"""opening and closing ones"""
_STEPS_CAP: Final = 120_000
_LINES_CAP: Final = 2500  # more than is looked at for new text

_DROPPED: Final = frozenset(
    {
        "script", "style", "head", "title", "template", "object", "svg", "math", "iframe", "select",
        "option", "noscript", "map", "audio", "video", "canvas",
    }
)  # fmt: skip
_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt",
        "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
        "html", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "th", "tfoot",
        "thead", "tr", "ul",
    }
)  # fmt: skip
_CELLS: Final = frozenset({"td", "th"})
_SPACED: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})

# Identities and classes as they stand in mail; Outlook and Hotmail put x_ or ecx before those of others.
_PREFIX: Final = re.compile(r"(?:x_|ecx)+")
_REST_IDS: Final = frozenset(
    {
        "divrplyfwdmsg", "appendonsend", "stopspelling", "zwchr", "isforwardcontent", "forwardbody1",
        "_com_replyforwardheader",
    }
)  # fmt: skip
_QUOTE_IDS: Final = frozenset(
    {
        "olk_src_body_section", "reply-intro", "replybody1", "mail-editor-reference-message-container",
        "isreplycontent", "yahoo_quoted", "divquotedmessage", "quotedcontent", "l10nmailquote",
    }
)  # fmt: skip
_CLOSING_IDS: Final = frozenset(
    {
        "signature", "ms-outlook-mobile-signature", "composer_signature", "_rc_sig",
        "applemailsignature", "linebreakatbeginningofsignature", "divsignature",
        "protonmail_signature_block",
    }
)  # fmt: skip
_REST_CLASSES: Final = frozenset({"outlookmessageheader", "moz-forward-container"})
_QUOTE_CLASSES: Final = frozenset(
    {
        "gmail_attr", "moz-cite-prefix", "yahoo_quoted", "tutanota_quote", "zmail_extra",
        "ms-outlook-mobile-reference-message", "replyquotedtext", "mailquote", "ox-quote",
        "cite-prefix", "quotedtext", "bloop_original_html",
    }
)  # fmt: skip
_CLOSING_CLASSES: Final = frozenset(
    {
        "gmail_signature", "gmail_signature_prefix", "moz-signature", "signature", "sh-signature",
        "protonmail_signature_block", "bloop_sign", "email-signature", "mail-signature",
        "zone-signature",
    }
)  # fmt: skip
_QUOTE_NAMES: Final = frozenset({"quote", "messagereplysection"})
_HIDDEN: Final = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|(?:^|;)(?:font-size|opacity|max-height):0(?:px|pt|em|%|\.0+)?(?:!|;|$)"
)
_OUTLOOK_RULE: Final = re.compile(r"border-top:solid#?\w{1,20}1\.0pt;padding:3\.0pt")
_LABELLED: Final = re.compile(r"\s{0,40}[^\s:]{1,20}(?: [^\s:]{1,12})?\s?:")
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")


# Markup as browsers divide it (HTML, 13.2.5): the parser behind compares each attribute of a tag with all others.
_GAP: Final = r"[ \t\n\r\f/]*+"
_VALUE: Final = r"""[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"[^"]*+"?|'[^']*+'?|[^ \t\n\r\f>]*+)"""
_ATTRIBUTE: Final = rf"(?:=[^ \t\n\r\f/>=]*+|[^ \t\n\r\f/>=]++)(?:{_VALUE})?+"
_ATTRIBUTES: Final = rf"(?:{_GAP}{_ATTRIBUTE}){{0,{ATTRIBUTES_CAP}}}+{_GAP}(?:>|\Z)"
_RAW_TEXT: Final = "|".join(
    rf"<{name}(?=[ \t\n\r\f/>]){_ATTRIBUTES}(?:[^<]++|<(?!/{name}))*+"
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
)
_ORDINARY: Final = re.compile(
    rf"(?:[^<]++|<(?![a-z/!?])|<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))|<(?:[!?]|/(?![a-z]))[^>]*+(?:>|\Z)"
    rf"|{_RAW_TEXT}|</?[a-z][^ \t\n\r\f/>]*+{_ATTRIBUTES})*+",
    re.IGNORECASE,
)


def ordinary(html: str) -> str:
    """The beginning of `html` that holds no more markup than pages do. Takes linear time."""
    most = html[:HTML_CAP]
    found = _ORDINARY.match(most)
    most = most[: found.end()] if found else ""
    if most.count("<") > TAGS_CAP:
        most = "<".join(most.split("<", TAGS_CAP)[:TAGS_CAP])
    return html if len(most) == min(len(html), HTML_CAP) else most


def lines_of(html: str) -> list[TextLine]:
    """The lines a reader of `html` (its first MiB) would see, marked."""
    from lxml import etree

    try:
        root = _tree(html[:HTML_CAP])
        return _Writer().lines(etree.iterwalk(root, events=("start", "end"))) if root is not None else []
    except (etree.LxmlError, ValueError, AssertionError):
        return []


def _tree(html: str) -> Any:
    from lxml import etree

    parser = etree.HTMLParser(
        encoding="utf-8",
        recover=True,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # long threads nest deeper than 256; what is read is capped here
    )
    data = clean(html).encode("utf-8", "replace")
    return etree.fromstring(data, parser) if data.strip() else None


class _Writer:
    """Lines as they come about on one walk through the tree."""

    def __init__(self) -> None:
        self.out: list[TextLine] = []
        self.pieces: list[str] = []
        self.marks: list[LineMark] = [LineMark.TEXT]
        self.pre = 0

    def lines(self, walk: Any) -> list[TextLine]:
        for event, node in islice(walk, _STEPS_CAP):
            if len(self.out) > _LINES_CAP:
                break
            tag = node.tag if isinstance(node.tag, str) else ""
            if event == "start":
                if self._start(node, tag):
                    walk.skip_subtree()
            else:
                self._end(tag)
                if node.tail:
                    self._text(node.tail)
        self._flush()
        return self.out

    def _start(self, node: Any, tag: str) -> bool:
        """Open a node; True when nothing in it is to be read."""
        around = self.marks[-1]
        style = _SPACE.sub("", node.get("style", "")[:2000]).lower() if node.get("style") else ""
        # Outlook's rule is sought above level 100 only: looking for its words goes down the whole page.
        known = style if len(self.marks) < 100 or tag == "blockquote" else ""
        mark = around if around is not LineMark.TEXT else _judge(node, tag, known)
        if tag in _BLOCKS or mark is not around:
            self._block(tag, node)
        if mark is LineMark.REST:
            self.out.append(TextLine("", LineMark.REST))
            mark = LineMark.TEXT
        self.marks.append(mark)
        if tag in _DROPPED or (style and _HIDDEN.search(style)) or node.get("hidden") is not None:
            return True
        if tag == "br":
            self._flush(True)
        elif tag == "img" and len(node.get("alt") or "") <= 4:
            self.pieces.append(node.get("alt") or "")
        elif tag == "pre":
            self.pre += 1
        if node.text:
            self._text(node.text)
        return False

    def _block(self, tag: str, node: Any) -> None:
        if tag in _CELLS:
            self.pieces.append("  ")
            return
        self._flush()
        if tag in _SPACED and "Mso" not in (node.get("class") or ""):
            self._blank()
        if tag == "li":
            self.pieces.append("- ")

    def _end(self, tag: str) -> None:
        if tag in _CELLS:
            self.marks.pop()
            return
        if tag in _BLOCKS or self.marks[-1] is not self.marks[-2]:
            self._flush()
        if tag in _SPACED:
            self._blank()
        if tag == "pre" and self.pre:
            self.pre -= 1
        self.marks.pop()

    def _blank(self) -> None:
        if self.out and self.out[-1].text:
            self.out.append(TextLine("", self.marks[-1]))

    def _text(self, text: str) -> None:
        if not self.pre:
            self.pieces.append(text)
            return
        *whole, last = text.split("\n")
        for line in whole:
            self.pieces.append(line)
            self._flush(True)
        self.pieces.append(last)

    def _flush(self, always: bool = False) -> None:
        text = "".join(self.pieces)
        self.pieces.clear()
        text = text.rstrip() if self.pre else _SPACE.sub(" ", text).strip()
        if text and text != "-":
            self.out.append(marked(text, self.marks[-1]))
        elif always:
            self.out.append(TextLine("", self.marks[-1]))


def _judge(node: Any, tag: str, style: str) -> LineMark:
    """What the node itself says it is."""
    if tag == "blockquote":
        return _blockquote(node, style)
    if not node.attrib:
        return LineMark.TEXT
    identity = _plain(node.get("id"))
    if identity:
        mark = _by_identity(identity)
        if mark is not LineMark.TEXT:
            return mark
    if node.get("class"):
        mark = _by_class(node.get("class")[:500])
        if mark is not LineMark.TEXT:
            return mark
    return _by_attributes(node, style)


def _blockquote(node: Any, style: str) -> LineMark:
    # Gmail and Outlook indent with a bare <blockquote style="…;border:none">: that is no quote.
    indent = ("border:none" in style or "border:0" in style) and "border-left" not in style
    known = node.get("type") == "cite" or "gmail_quote" in (node.get("class") or "")
    return LineMark.TEXT if indent and not known else LineMark.QUOTE


def _plain(name: str | None) -> str:
    return _PREFIX.sub("", name[:200], count=1).lower() if name else ""


def _by_identity(identity: str) -> LineMark:
    if identity in _REST_IDS:
        return LineMark.REST
    if identity in _QUOTE_IDS or identity.startswith(("aolmsgpart", "yahoo_quoted")) or "yahoo_quoted" in identity:
        return LineMark.QUOTE
    return LineMark.CLOSING if identity in _CLOSING_IDS else LineMark.TEXT


def _by_class(names: str) -> LineMark:
    for name in names.split():
        one = _plain(name)
        if one in _REST_CLASSES:
            return LineMark.REST
        if one in _QUOTE_CLASSES or "yahoo_quoted" in one:
            return LineMark.QUOTE
        if one in _CLOSING_CLASSES:
            return LineMark.CLOSING
    return LineMark.TEXT


def _by_attributes(node: Any, style: str) -> LineMark:
    if (node.get("name") or "").lower() in _QUOTE_NAMES or node.get("data-marker") == "__QUOTED_TEXT__":
        return LineMark.QUOTE
    if node.get("data-marker") == "__HEADERS__":
        return LineMark.REST
    signed = node.get("data-signatureblock") or node.get("data-smartmail") == "gmail_signature"
    if signed or (node.get("name") or "").lower() == "messagesignaturesection":
        return LineMark.CLOSING
    # Outlook's rule above "From: …", in whatever language: its style has been the same since 2007.
    if style and _OUTLOOK_RULE.search(style) and _LABELLED.match(_opening(node)):
        return LineMark.REST
    return LineMark.TEXT


def _opening(node: Any) -> str:
    return "".join(text[:200] for text in islice(node.itertext(), 12))[:200]
