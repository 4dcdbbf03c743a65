"""How replies look: what mail programs make of a few words and the mail replied to, in both languages.

Here stand the shapes alone; what is said in them is in `words`. Bytes out, with CRLF line ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from html import escape

from rehearsal.mails import Got


class Look(StrEnum):
    PLAIN = "plain"
    GMAIL = "gmail"
    BOTTOM = "bottom"
    OUTLOOK = "outlook"
    OUTLOOK_HTML = "outlook, html only"
    APPLE = "apple"
    PHONE = "phone"
    HTML_ONLY = "html only"
    LATIN = "latin"


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A reply before it is written out."""

    got: Got
    look: Look
    lang: str
    name: str
    sender: str
    recipient: str
    words: str
    message_id: str
    at: datetime
    files: Sequence[File] = ()


def write(draft: Draft) -> bytes:
    """The reply as it goes over the wire."""
    mail = EmailMessage()
    mail["From"] = f"{_quoted(draft.name)} <{draft.sender}>"
    mail["To"] = draft.recipient
    mail["Subject"] = _subject(draft)
    mail["Date"] = format_datetime(draft.at)
    mail["Message-ID"] = draft.message_id
    mail["In-Reply-To"] = draft.got.message_id
    mail["References"] = f"{draft.got.references} {draft.got.message_id}".strip()
    mail["X-Mailer"] = _MAILERS[draft.look]
    _SHAPES[draft.look](mail, draft)
    for file in draft.files:
        main, sub = file.media_type.split("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes(policy=policy.SMTP)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _subject(draft: Draft) -> str:
    mark = {"et": "Vs", "en": "RE"}[draft.lang] if draft.look in _OUTLOOKS else "Re"
    return draft.got.subject if draft.got.subject.startswith(mark) else f"{mark}: {draft.got.subject}"


_OUTLOOKS = (Look.OUTLOOK, Look.OUTLOOK_HTML, Look.LATIN)
_MAILERS = {
    Look.PLAIN: "Mutt/2.1.4", Look.GMAIL: "Webmail", Look.BOTTOM: "Thunderbird 91.7", Look.LATIN: "Outlook 14.0",
    Look.OUTLOOK: "Microsoft Outlook 16.0", Look.OUTLOOK_HTML: "Microsoft Outlook 16.0",
    Look.APPLE: "Apple Mail (2.3696)", Look.PHONE: "iPhone Mail (19E241)", Look.HTML_ONLY: "Webmail",
}  # fmt: skip


# -- words of the quoted mail -----------------------------------------------------------------------


def _arrows(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def _wrote(draft: Draft) -> str:
    """The line that introduces a quote."""
    at, who = draft.got.at, f"Koosloome programm <{draft.got.sender}>"
    if draft.lang == "et":
        return f"Kuupäev {at:%d.%m.%Y} {at:%H:%M} kirjutas {who}:"
    return f"On {at:%a, %d %b %Y} at {at:%H:%M}, {who} wrote:"


def _block(draft: Draft) -> str:
    """The header block with which Outlook introduces a quote."""
    got, at = draft.got, draft.got.at
    if draft.lang == "et":
        lines = (
            "-----Algne sõnum-----", f"Saatja: Koosloome programm <{got.sender}>",
            f"Saadetud: {at:%d.%m.%Y %H:%M}", f"Adressaat: {got.to}", f"Teema: {got.subject}",
        )  # fmt: skip
    else:
        lines = (
            "-----Original Message-----", f"From: Koosloome programm <{got.sender}>",
            f"Sent: {at:%A, %d %B %Y %H:%M}", f"To: {got.to}", f"Subject: {got.subject}",
        )  # fmt: skip
    return "\n".join(lines)


# -- shapes -----------------------------------------------------------------------------------------


def _plain(mail: EmailMessage, draft: Draft) -> None:
    mail.set_content(f"{draft.words}\n")


def _gmail(mail: EmailMessage, draft: Draft) -> None:
    mail.set_content(f"{draft.words}\n\n{_wrote(draft)}\n{_arrows(draft.got.text)}\n")
    quote = (
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{escape(_wrote(draft))}<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{_lines(draft.got.text)}</blockquote></div>'
    )
    mail.add_alternative(f'<div dir="ltr">{_lines(draft.words)}</div><br>{quote}\n', subtype="html")


def _bottom(mail: EmailMessage, draft: Draft) -> None:
    mail.set_content(f"{_wrote(draft)}\n{_arrows(draft.got.text)}\n\n{draft.words}\n")


def _outlook(mail: EmailMessage, draft: Draft) -> None:
    mail.set_content(f"{draft.words}\n\n{_block(draft)}\n\n{draft.got.text.strip()}\n")


def _latin(mail: EmailMessage, draft: Draft) -> None:
    """As older programs write: eight bits of ISO 8859-15, what it lacks left out."""
    text = f"{draft.words}\n\n{_block(draft)}\n\n{draft.got.text.strip()}\n"
    mail.set_content(text.encode("iso-8859-15", "replace").decode("iso-8859-15"), charset="iso-8859-15")


def _outlook_html(mail: EmailMessage, draft: Draft) -> None:
    head = escape(_block(draft)).replace("\n", "<br>")
    mail.set_content(
        "<html><head><style>p.MsoNormal{margin:0cm}</style></head><body lang=ET><div class=WordSection1>"
        + "".join(f"<p class=MsoNormal>{escape(line) or '&nbsp;'}</p>" for line in draft.words.split("\n"))
        + '<p class=MsoNormal>&nbsp;</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm">'
        f"<p class=MsoNormal>{head.partition('<br>')[2]}</p></div></div>"
        f"<p class=MsoNormal>{_lines(draft.got.text)}</p></div></body></html>\n",
        subtype="html",
    )


def _apple(mail: EmailMessage, draft: Draft) -> None:
    mail.set_content(f"{draft.words}\n\n> {_wrote(draft)}\n> \n{_arrows(draft.got.text)}\n")


def _phone(mail: EmailMessage, draft: Draft) -> None:
    from_phone = {"et": "Saadetud minu iPhone'ist", "en": "Sent from my iPhone"}[draft.lang]
    mail.set_content(f"{draft.words}\n\n{from_phone}\n\n{_wrote(draft)}\n\n{_arrows(draft.got.text)}\n")


def _html_only(mail: EmailMessage, draft: Draft) -> None:
    mail.set_content(
        f"<div>{_lines(draft.words)}</div><br><div>{escape(_wrote(draft))}</div>"
        f'<blockquote type="cite">{_lines(draft.got.text)}</blockquote>\n',
        subtype="html",
    )


def _lines(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>\n")


_SHAPES = {
    Look.PLAIN: _plain, Look.GMAIL: _gmail, Look.BOTTOM: _bottom, Look.OUTLOOK: _outlook, Look.LATIN: _latin,
    Look.OUTLOOK_HTML: _outlook_html, Look.APPLE: _apple, Look.PHONE: _phone, Look.HTML_ONLY: _html_only,
}  # fmt: skip
