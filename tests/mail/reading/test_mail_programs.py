# ruff: noqa: E501  (lines of mails stay as long as they came)
"""Replies as people's own mail programs write them, read whole: the new text, and the answer it gives.

Every one quotes a question that itself holds JAH and EI, with what stands around a quote in that program: its
introduction, its signature, its company's notice. Neither may leak, and nothing the person wrote may be lost.
To add a reply that went wrong: a line in TEXTS or PAGES (or the file in tests/data/letters), names and addresses
replaced by reserved ones.
"""

import base64
import quopri
from datetime import date

import pytest

from mail.handling.reply_text import said_in
from mail.reading import letter
from workflow.replies.answers import Answer, Asked
from workflow.replies.understand import understand

NAMES = ("Mari Kask", "Jüri Tamm", "Tiina Lepp", "Ants Mänd")
ASKED = Asked(today=date(2022, 4, 6), names=NAMES)
QUESTION = (
    "Tere, Mari!\n\nMeeskond Võru on valitud programmi Koosloome 2022.\n\n"
    "Kas meeskond võtab koha vastu? Vastake JAH või EI hiljemalt teisipäeval, 5. aprillil kell 10.00.\n\n"
    "Kui vastate JAH, on koht teie. Kui EI, pakume selle järgmisele.\n\nKoosloome programm"
)
MARKED = "".join(f"> {line}\n" if line else ">\n" for line in QUESTION.split("\n"))
PAGE = "".join(f"<p>{line}</p>" for line in QUESTION.split("\n\n"))
NOTICE_ET = (
    "Käesolev e-kiri ja selle manused on mõeldud üksnes adressaadile ning võivad sisaldada konfidentsiaalset teavet. "
    "Kui Te ei ole kirja õige saaja, ei ole Teil lubatud seda edastada. Palun teavitage sellest saatjat: JAH või EI."
)
NOTICE_EN = (
    "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the "
    "intended recipient, you must not disclose or use it, and no reply is needed. Please notify the sender."
)
CORPORATE = (
    "Lugupidamisega\n\nMari Kask\narendusnõunik\nVõru Näidisvald\n+372 5555 0101\nmari@example.org\nwww.example.org"
)
OUTLOOK_ET = (
    "Saatja: Koosloome programm <koosloome@teekond.example.org>\nSaadetud: teisipäev, 1. märts 2022 10:00\n"
    "Adressaat: Mari Kask <mari@example.org>\nTeema: Koosloome: Võru, koht programmis – palun vastake\n"
)
OUTLOOK_EN = (
    "From: Koosloome programm <koosloome@teekond.example.org>\nSent: Tuesday, March 1, 2022 10:00 AM\n"
    "To: Mari Kask <mari@example.org>\nSubject: Koosloome: Võru, koht programmis – palun vastake\n"
)

# What it is, the mail's text, what is new in it, the kind of question, how it answers.
TEXTS: list[tuple[str, str, str, str, str]] = [
    ("outlook et", f"JAH\n\n{CORPORATE}\n\n{OUTLOOK_ET}\n{QUESTION}", "JAH", "confirm_place", "yes"),
    ("outlook en", f"EI\n\nBest regards\nMari Kask\n\n{OUTLOOK_EN}\n{QUESTION}", "EI", "confirm_place", "no"),
    ("outlook et, notice before the quote", f"JAH\n\n{CORPORATE}\n\n{NOTICE_ET}\n\n{OUTLOOK_ET}\n{QUESTION}", "JAH",
     "confirm_place", "yes"),
    ("outlook en, notice before the quote", f"YES\n\nKind regards,\nMari\n\n{NOTICE_EN}\n\n{OUTLOOK_EN}\n{QUESTION}",
     "YES", "confirm_place", "yes"),
    ("outlook web et", "Ei\n\n________________________________\n" + OUTLOOK_ET + "\n" + QUESTION, "Ei", "rsvp", "no"),
    ("outlook phone en", "Jah\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n"
     + OUTLOOK_EN + "\n" + QUESTION, "Jah", "rsvp", "yes"),
    ("outlook phone et", "Jah\n\nHangi Outlook iOS-ile<https://aka.ms/o0ukef>\n________________________________\n"
     + OUTLOOK_ET + "\n" + QUESTION, "Jah", "rsvp", "yes"),
    ("outlook bold headers", "JAH\n\n*Saatja:* Koosloome programm <koosloome@teekond.example.org>\n"
     "*Saadetud:* teisipäev, 1. märts 2022 10:00\n*Adressaat:* Mari Kask\n*Teema:* Koht\n\n" + QUESTION, "JAH",
     "confirm_place", "yes"),
    ("outlook cc line", "JAH\n\n" + OUTLOOK_ET.replace("Teema:", "Koopia: Jüri Tamm <jyri@example.org>\nTeema:") + "\n"
     + QUESTION, "JAH", "confirm_place", "yes"),
    ("outlook, answer twice quoted", f"JAH\n\n{OUTLOOK_ET}\nEI, ootame veel.\n\n{OUTLOOK_EN}\n{QUESTION}", "JAH",
     "confirm_place", "yes"),
    ("algne sõnum", "EI\n\n-----Algne sõnum-----\n" + OUTLOOK_ET + "\n" + QUESTION, "EI", "confirm_place", "no"),
    ("original message", "No\n\n-----Original Message-----\n" + OUTLOOK_EN + "\n" + QUESTION, "No", "confirm_place", "no"),
    ("gmail et", "JAH\n\nKoosloome programm (<koosloome@teekond.example.org>) kirjutas kuupäeval T,\n1. märts 2022 kell"
     " 10:00:\n\n" + MARKED, "JAH", "confirm_place", "yes"),
    ("gmail et, folded before the colon", "EI\n\nKontakt Koosloome programm (<koosloome@teekond.example.org>) kirjutas\n"
     "kuupäeval T, 1. märts 2022 kell 10:00:\n\n" + MARKED, "EI", "confirm_place", "no"),
    ("gmail et, unquoted", "JAH\n\nT, 1. märts 2022 kell 10:00 Koosloome programm <\nkoosloome@teekond.example.org>"
     " kirjutas:\n\n" + QUESTION, "JAH", "confirm_place", "yes"),
    ("gmail en, folded", "Yes\n\nOn Tue, Mar 1, 2022 at 10:00 AM Koosloome programm <\nkoosloome@teekond.example.org>"
     " wrote:\n\n" + MARKED, "Yes", "confirm_place", "yes"),
    ("gmail en, folded after the date", "JAH\n\nOn Tue, 1 Mar 2022 at 10:00,\nKoosloome programm"
     " <koosloome@teekond.example.org>\nwrote:\n\n" + MARKED, "JAH", "confirm_place", "yes"),
    ("gmail phone", "Jah tuleme\n\nSaadetud minu Androidist\n\nT, 1. märts 2022, 10:00 Koosloome programm"
     " <koosloome@teekond.example.org> kirjutas:\n\n" + MARKED, "Jah tuleme", "rsvp", "yes"),
    ("gmail, signature between", "EI\n\n--\nMari Kask\nVõru Näidisvald\n\nKoosloome programm"
     " (<koosloome@teekond.example.org>) kirjutas kuupäeval T, 1. märts 2022 kell 10:00:\n\n" + MARKED, "EI", "rsvp", "no"),
    ("apple et", "Jah\n\nMari\n\n> 1. märts 2022, kell 10:00, kirjutas Koosloome programm"
     " <koosloome@teekond.example.org>:\n> \n" + MARKED, "Jah\n\nMari", "confirm_place", "yes"),
    ("apple en", "EI\n\n> On 1 Mar 2022, at 10:00, Koosloome programm <koosloome@teekond.example.org> wrote:\n> \n"
     + MARKED, "EI", "confirm_place", "no"),
    ("iphone et", "JAH\n\nSaadetud minu iPhone’ist\n\n> Koosloome programm <koosloome@teekond.example.org> kirjutas"
     " 1. märts 2022 kell 10:00:\n> \n> \ufeff\n" + MARKED, "JAH", "confirm_place", "yes"),
    ("iphone en", "JAH\n\nSent from my iPhone\n\n> On 1. Mar 2022, at 10:00, Koosloome programm"
     " <koosloome@teekond.example.org> wrote:\n> \n" + MARKED, "JAH", "confirm_place", "yes"),
    ("thunderbird et", "Ei saa tulla.\n\nKoosloome programm kirjutas 01.03.2022 10:00:\n" + MARKED, "Ei saa tulla.",
     "rsvp", "no"),
    ("thunderbird en", "JAH\n\nOn 01/03/2022 10:00, Koosloome programm wrote:\n" + MARKED, "JAH", "rsvp", "yes"),
    ("thunderbird, below the quote", "On 01.03.2022 10:00, Koosloome programm wrote:\n" + MARKED + "\nJAH\n\n-- \nMari\n",
     "JAH", "confirm_place", "yes"),
    ("thunderbird, between the quotes", "On 01.03.2022 10:00, Koosloome programm wrote:\n> Tere, Mari!\n>\n> Kas meeskond"
     " võtab koha vastu? Vastake JAH või EI\n\nJAH\n\n> Kui EI, pakume selle järgmisele.\n", "JAH", "confirm_place", "yes"),
    ("roundcube et", "EI\n\n2022-03-01 10:00 Koosloome programm kirjutas :\n" + MARKED, "EI", "confirm_place", "no"),
    ("roundcube et, address", "JAH\n\nKoosloome programm <koosloome@teekond.example.org> kirjutas 2022-03-01 10:00:\n"
     + MARKED, "JAH", "confirm_place", "yes"),
    ("roundcube en", "JAH\n\nOn 2022-03-01 10:00, Koosloome programm wrote:\n\n" + MARKED, "JAH", "rsvp", "yes"),
    ("zone", "JAH\n\n1. märts 2022 10:00:00 EET, Koosloome programm <koosloome@teekond.example.org> kirjutas:\n"
     + MARKED, "JAH", "confirm_place", "yes"),
    ("samsung et", "JAH\n\n\nSaadetud Galaxy seadmest\n\n\n-------- Originaalsõnum --------\nSaatja: Koosloome programm"
     " <koosloome@teekond.example.org>\nKuupäev: 1.03.22 10:00 (GMT+02:00)\nAdressaat: mari@example.org\nTeema: Koht\n\n"
     + QUESTION, "JAH", "confirm_place", "yes"),
    ("samsung en", "EI\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: Koosloome programm"
     " <koosloome@teekond.example.org>\nDate: 1/03/2022 10:00 (GMT+02:00)\nTo: mari@example.org\nSubject: Koht\n\n"
     + QUESTION, "EI", "confirm_place", "no"),
    ("huawei", "Jah\n\nSaadetud minu Huawei nutitelefonist\n\n-------- Algne kiri --------\nKellelt: Koosloome programm\n"
     "Kuupäev: T, 1. märts 2022 10:00\nKellele: mari@example.org\nTeema: Koht\n\n" + QUESTION, "Jah", "rsvp", "yes"),
    ("yahoo", "JAH\n\n    On Tuesday, March 1, 2022, 10:00:00 AM GMT+2, Koosloome programm"
     " <koosloome@teekond.example.org> wrote:  \n \n  " + QUESTION, "JAH", "confirm_place", "yes"),
    ("yahoo phone", "EI\n\nSent from Yahoo Mail on Android \n \n  On Tue, 1 Mar 2022 at 10:00, Koosloome"
     " programm<koosloome@teekond.example.org> wrote:   " + QUESTION, "EI", "confirm_place", "no"),
    ("proton", "JAH\n\nSent with [Proton Mail](https://proton.me/) secure email.\n\n------- Original Message -------\n"
     "On Tuesday, March 1st, 2022 at 10:00 AM, Koosloome programm <koosloome@teekond.example.org> wrote:\n\n\n"
     + MARKED, "JAH", "confirm_place", "yes"),
    ("proton phone", "EI\n\nSent from Proton Mail for iOS\n\nOn Tue, Mar 1, 2022 at 10:00, Koosloome programm"
     " <[koosloome@teekond.example.org](mailto:On Tue, Mar 1, 2022 at 10:00, Koosloome programm <<a href=)> wrote:\n\n"
     + MARKED, "EI", "confirm_place", "no"),
    ("k-9", "JAH\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.\n\nOn 1 March 2022 10:00:00"
     " EET, Koosloome programm <koosloome@teekond.example.org> wrote:\n" + MARKED, "JAH", "confirm_place", "yes"),
    ("thunderbird android", "Ei tule\n\nOn March 1, 2022 10:00:00 AM GMT+02:00, Koosloome programm"
     " <koosloome@teekond.example.org> wrote:\n" + MARKED, "Ei tule", "rsvp", "no"),
    ("mutt", "* Koosloome programm <koosloome@teekond.example.org> [2022-03-01 10:00]:\n" + MARKED + "\nJAH\n", "JAH",
     "confirm_place", "yes"),
    ("mutt en", "On Tue, Mar 01, 2022 at 10:00:00AM +0200, Koosloome programm wrote:\n" + MARKED + "\nEI\n\nMari", "EI\n\nMari",
     "confirm_place", "no"),
    ("pine", "JAH\n\nOn Tue, 1 Mar 2022, Koosloome programm wrote:\n\n" + MARKED, "JAH", "confirm_place", "yes"),
    ("evolution", "JAH\n\nOn Tue, 2022-03-01 at 10:00 +0200, Koosloome programm wrote:\n" + MARKED, "JAH", "rsvp", "yes"),
    ("evolution et", "JAH\n\nÜhel ilusal päeval, T, 2022-03-01 kell 10:00, kirjutas Koosloome programm:\n" + MARKED, "JAH",
     "rsvp", "yes"),
    ("kmail", "EI\n\nOn teisipäev, 1. märts 2022 10:00:00 EET Koosloome programm wrote:\n" + MARKED, "EI", "rsvp", "no"),
    ("zimbra", "JAH\n\n----- Original Message -----\nFrom: \"Koosloome programm\" <koosloome@teekond.example.org>\nTo: \"Mari"
     " Kask\" <mari@example.org>\nSent: Tuesday, March 1, 2022 10:00:00 AM\nSubject: Koht\n\n" + QUESTION, "JAH",
     "confirm_place", "yes"),
    ("webmail without a colon", "JAH\n\n----- Edastatud kiri -----\n" + OUTLOOK_ET + "\n" + QUESTION, "JAH",
     "confirm_place", "yes"),
    ("our own line", "EI\n\n##- Palun kirjutage vastus selle rea kohale -##\n\n" + QUESTION, "EI", "confirm_place", "no"),
    ("hours", "2,5 h\n\nTervitades\nJaan\n\n" + OUTLOOK_ET + "\nMitu tundi? JAH, kui loetelu on õige: 12.07 1,5 h; 19.07 45"
     " min", "2,5 h", "hours", "hours"),
    ("absent, below", MARKED + "\nPuudus Jüri Tamm\n", "Puudus Jüri Tamm", "roll_call", "names"),
    ("returned", "TAGASI: lisage külade nimed\n\nMaris\n\n" + OUTLOOK_ET + "\nJAH või TAGASI: mida parandada",
     "TAGASI: lisage külade nimed\n\nMaris", "review", "return"),
    ("nothing but the quote", "\n\n" + OUTLOOK_ET + "\n" + QUESTION, "", "confirm_place", "none"),
    ("notice with a rule above", f"JAH\n\n----------\n{NOTICE_ET}\n\n{OUTLOOK_ET}\n{QUESTION}", "JAH", "confirm_place",
     "yes"),
    ("environment", "JAH\n\nTervitades\nMari\n\nPalun mõtle enne printimist keskkonnale!\nPlease consider the environment"
     " before printing this e-mail.\n\n" + OUTLOOK_EN + "\n" + QUESTION, "JAH", "confirm_place", "yes"),
    ("notice, second person", "EI\n\nKui olete saanud selle kirja eksituse tõttu, palun kustutage see. Vastus JAH ei ole\
 vajalik.\n\n" + OUTLOOK_ET + "\n" + QUESTION, "EI", "confirm_place", "no"),
    ("notice, not for you", "JAH\n\nKui Te ei ole selle kirja õige saaja, siis ei ole Teil lubatud seda kasutada.\n\n"
     + OUTLOOK_ET + "\n" + QUESTION, "JAH", "confirm_place", "yes"),
    ("notice in error", "JAH\n\nIf you have received this message in error, please delete it. No reply is needed.\n\n"
     + OUTLOOK_EN + "\n" + QUESTION, "JAH", "confirm_place", "yes"),
    ("virus scanner", "EI\n\n-- \nSeda kirja on viiruste suhtes kontrollinud Avast.\nwww.avast.com\n\n" + OUTLOOK_ET + "\n"
     + QUESTION, "EI", "confirm_place", "no"),
]  # fmt: skip


def plain(text: str, charset: str = "utf-8", encoding: str = "8bit", more: str = "") -> bytes:
    head = (
        "From: Mari Kask <mari@example.org>\nTo: r-secret00000000000000000001@teekond.example.org\nSubject: Re: Koht\n"
        f"In-Reply-To: <m.1@teekond.example.org>\nMessage-ID: <1@mail.example.org>\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset={charset}{more}\nContent-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode() + encoded(text.encode(charset), encoding)


def encoded(data: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(data)
    return quopri.encodestring(data) if encoding == "quoted-printable" else data


def understood(raw: bytes, kind: str) -> tuple[str, Answer]:
    said = letter.read(raw)
    return said.text, understand(kind, said_in(said), ASKED)


@pytest.mark.parametrize(("text", "new", "kind", "answer"), [case[1:] for case in TEXTS], ids=[c[0] for c in TEXTS])
def test_a_plain_reply_is_read_and_understood(text: str, new: str, kind: str, answer: str) -> None:
    found, meant = understood(plain(text), kind)
    assert (found, str(meant.kind)) == (new, answer)


DIV = '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>{a}:</b> Koosloome programm<br><b>{b}:</b> 1. märts 2022' \
      " 10:00<br><b>{c}:</b> Mari Kask<br><b>{d}:</b> Koht</font><div>&nbsp;</div></div>"  # fmt: skip
BORDER = '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>{a}:</b>' \
         " Koosloome programm<br><b>{b}:</b> teisipäev, 1. märts 2022 10:00<br><b>{c}:</b> Mari Kask<br><b>{d}:</b> Koht" \
         "</p></div>"  # fmt: skip
ET, EN = (
    dict(zip("abcd", ("Saatja", "Saadetud", "Adressaat", "Teema"), strict=True)),
    dict(zip("abcd", ("From", "Sent", "To", "Subject"), strict=True)),
)
SIGNED = "<p>Lugupidamisega<br>Mari Kask<br>arendusnõunik<br>Võru Näidisvald<br>+372 5555 0101</p>"

PAGES: list[tuple[str, str, str, str]] = [
    ("outlook web et", f"<div>JAH</div><div>{SIGNED}</div><hr style='display:inline-block;width:98%'>{DIV.format(**ET)}"
     f"<div>{PAGE}</div>", "JAH", "yes"),
    ("outlook web en", f"<div>EI</div><div id='appendonsend'></div><hr>{DIV.format(**EN)}{PAGE}", "EI", "no"),
    ("outlook et", f"<div class=WordSection1><p class=MsoNormal>JAH<o:p></o:p></p><p>&nbsp;</p><div>{BORDER.format(**ET)}"
     f"</div>{PAGE}</div>", "JAH", "yes"),
    ("outlook en", f"<div class=WordSection1><p class=MsoNormal>EI<o:p></o:p></p>{SIGNED}<p>{NOTICE_EN}</p><div>"
     f"{BORDER.format(**EN)}</div>{PAGE}</div>", "EI", "no"),
    ("outlook phone", f"<div dir=auto>JAH</div><div id='ms-outlook-mobile-signature'>Hangi <a href='#'>Outlook Androidile"
     f"</a></div><hr>{DIV.format(**ET)}{PAGE}", "JAH", "yes"),
    ("gmail et", "<div dir=ltr>EI</div><br><div class=gmail_quote><div dir=ltr class=gmail_attr>Koosloome programm"
     " (&lt;<a href='mailto:k'>koosloome@teekond.example.org</a>&gt;) kirjutas kuupäeval T, 1. märts 2022 kell 10:00:<br>"
     f"</div><blockquote class=gmail_quote>{PAGE}</blockquote></div>", "EI", "no"),
    ("gmail, new class", "<div dir=auto>JAH</div><br><div class='gmail_quote gmail_quote_container'><div class=gmail_attr>On"
     f" Tue, Mar 1, 2022 Koosloome wrote:</div><blockquote>{PAGE}</blockquote></div>", "JAH", "yes"),
    ("apple", f"<html><body>JAH<br><div><br><blockquote type=cite><div>1. märts 2022, kell 10:00, kirjutas Koosloome:</div>"
     f"<br><div>{PAGE}</div></blockquote></div></body></html>", "JAH", "yes"),
    ("iphone", "<body dir=auto>EI<br><div dir=ltr>Saadetud minu iPhone’ist</div><div dir=ltr><br><blockquote type=cite>"
     f"Koosloome kirjutas 1. märts 2022 kell 10:00:<br><br></blockquote></div><blockquote type=cite>{PAGE}</blockquote>",
     "EI", "no"),
    ("thunderbird, below", "<div class=moz-cite-prefix>On 01.03.2022 10:00, Koosloome wrote:<br></div><blockquote type=cite>"
     f"{PAGE}</blockquote><p>JAH</p><pre class=moz-signature>-- \nMari</pre>", "JAH", "yes"),
    ("roundcube", f"<p>EI</p><p id=reply-intro>2022-03-01 10:00 Koosloome programm kirjutas:</p><blockquote type=cite>{PAGE}"
     "</blockquote>", "EI", "no"),
    ("samsung", "<div dir=auto>JAH</div><div id=composer_signature><div>Saadetud Galaxy seadmest</div></div><div>--------"
     " Originaalsõnum --------</div><div>Saatja: Koosloome &lt;k@example.org&gt; </div><div>Kuupäev: 1.03.22 10:00"
     f" </div><div>Adressaat: mari@example.org </div><div>Teema: Koht </div><div><br></div>{PAGE}", "JAH", "yes"),
    ("yahoo", "<div class=ydpyahoo-style-wrap><div>EI</div></div><div id=yahoo_quoted_1 class=yahoo_quoted><div>On Tuesday, March 1,"
     f" 2022, Koosloome wrote:</div>{PAGE}</div>", "EI", "no"),
    ("proton", "<div>JAH</div><div class=protonmail_signature_block>Sent with Proton Mail</div><div class=protonmail_quote>"
     f"On Tuesday, March 1st, 2022, Koosloome wrote:<br><blockquote class=protonmail_quote>{PAGE}</blockquote></div>",
     "JAH", "yes"),
    ("no mark at all", f"<p>JAH</p><p>Koosloome programm kirjutas 1. märtsil 2022 kell 10:00:</p>{PAGE}", "JAH", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "new", "answer"), [case[1:] for case in PAGES], ids=[case[0] for case in PAGES])
@pytest.mark.parametrize("alone", [True, False], ids=["page alone", "with its text"])
def test_a_reply_as_a_page_is_read_and_understood(page: str, new: str, answer: str, alone: bool) -> None:
    head = (
        "From: Mari <mari@example.org>\nIn-Reply-To: <m.1@teekond.example.org>\nSubject: VS: Koht\nMIME-Version: 1.0\n"
    )
    if alone:
        raw = f"{head}Content-Type: text/html; charset=utf-8\n\n{page}".encode()
    else:
        raw = (
            f"{head}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
            f"{new}\n\n{OUTLOOK_ET}\n{QUESTION}\n--b\nContent-Type: text/html; charset=utf-8\n\n{page}\n--b--\n"
        ).encode()
    found, meant = understood(raw, "confirm_place")
    assert (found, str(meant.kind)) == (new, answer)


CHARSETS = ("utf-8", "iso-8859-1", "iso-8859-15", "windows-1257", "windows-1252")


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_the_same_reply_reads_the_same_however_it_is_encoded(charset: str, encoding: str) -> None:
    text = ("Ei saa, õhtul on külakoosolek.\n\nÕie\n\n" + OUTLOOK_ET + "\n" + QUESTION).replace("–", "-")
    found, meant = understood(plain(text, charset, encoding), "rsvp")
    assert (found, str(meant.kind)) == ("Ei saa, õhtul on külakoosolek.\n\nÕie", "no")


@pytest.mark.parametrize("delsp", ["", "; delsp=yes"])
def test_flowed_text_is_joined_and_its_quote_cut(delsp: str) -> None:
    gap = "  " if delsp else " "
    quote = f"On 01.03.2022 10:00, Koosloome wrote:\n> Kas tulete?{gap}\n> JAH või EI\n"
    text = f"JAH, tuleme kõik neli{gap}\nkohale.\n\n{quote}"
    found, meant = understood(plain(text, more=f"; format=flowed{delsp}"), "rsvp")
    assert (found, str(meant.kind)) == ("JAH, tuleme kõik neli kohale.", "yes")


def test_a_signature_and_a_notice_alone_say_nothing() -> None:
    found, meant = understood(plain(f"{CORPORATE}\n\n{NOTICE_ET}\n\n{OUTLOOK_ET}\n{QUESTION}"), "confirm_place")
    assert str(meant.kind) in ("unclear", "none")
    assert "võtab koha vastu" not in found


def test_there_are_many_of_them() -> None:
    assert len(TEXTS) + len(PAGES) > 70
    assert len({case[0] for case in TEXTS}) == len(TEXTS)
