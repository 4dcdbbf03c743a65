"""Kinds of delivery failure, by a server's reply: what happened and what the coordinator can do about it. Pure.

Only an address that does not exist is to be corrected; a full mailbox, a policy and a server that is away are no
fault of the address. The server's own words always stand beside ours: whoever runs that server wants them.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflow.text.bilingual import Text

LONGEST: Final = 160


class FailureKind(StrEnum):
    """Why a mail did not reach its recipient, as far as it changes what to do."""

    NO_ADDRESS = "no such address"
    FULL = "mailbox full"
    TOO_LARGE = "mail too large"
    POLICY = "refused by policy"
    AWAY = "server away"
    NOT_NOW = "not taken for now"
    BROKEN = "connection broken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """codes: enhanced status codes (RFC 3463), or the beginning of an error's name."""

    kind: FailureKind
    codes: str
    says: Text
    advice: Text


FAILURES: Final = (
    Failure(
        FailureKind.NO_ADDRESS,
        r"5\.(1\.(0|1|2|3|6|10)|2\.1|4\.4)",
        Text(et="sellist aadressi ei ole", en="there is no such address"),
        Text(
            et="Parandage aadress või valige teine inimene.",
            en="Correct the address or choose another person.",
        ),
    ),
    Failure(
        FailureKind.FULL,
        r"[45]\.2\.2",
        Text(et="postkast on täis", en="the mailbox is full"),
        Text(
            et="Aadress on õige. Helistage inimesele; kui postkastis on jälle ruumi, saatke kiri uuesti.",
            en="The address is right. Call the person; once there is room in the mailbox, send the mail again.",
        ),
    ),
    Failure(
        FailureKind.TOO_LARGE,
        r"[45]\.(2\.3|3\.4)",
        Text(et="kiri on selle postkasti jaoks liiga suur", en="the mail is too large for this mailbox"),
        Text(
            et="Aadress on õige. Andke kirja sisu inimesele muul viisil edasi.",
            en="The address is right. Let the person have what the mail says in another way.",
        ),
    ),
    Failure(
        FailureKind.POLICY,
        r"[45]\.7\.\d+",
        Text(et="server keeldus kirja vastu võtmast", en="the server refused to take the mail"),
        Text(
            et="Aadress võib õige olla: server peab kirja rämpspostiks või ei luba seda. Helistage inimesele ja "
            "paluge, et nende IT-tugi laseks meie kirjad läbi.",
            en="The address may well be right: the server takes the mail for spam or does not allow it. Call the "
            "person and ask that their IT support let our mail in.",
        ),
    ),
    Failure(
        FailureKind.AWAY,
        r"(4\.4\.\d+|5\.4\.(1|7))",
        Text(et="nende server ei vastanud", en="their server did not answer"),
        Text(
            et="Aadress võib õige olla. Helistage inimesele; kui nende server jälle töötab, saatke kiri uuesti.",
            en="The address may well be right. Call the person; once their server works again, send the mail again.",
        ),
    ),
    Failure(
        FailureKind.NOT_NOW,
        r"4\.\d+\.\d+",
        Text(et="server ei võtnud kirja praegu vastu", en="the server did not take the mail for now"),
        Text(
            et="Aadress võib õige olla. Helistage inimesele ja saatke kiri hiljem uuesti.",
            en="The address may well be right. Call the person, and send the mail again later.",
        ),
    ),
    Failure(
        FailureKind.BROKEN,
        r"^\w*(?:Error|Disconnected)\b",
        Text(et="ühendus kirjaserveriga katkes", en="the connection to the mail server broke"),
        Text(
            et="Aadress võib õige olla. Saatke kiri hiljem uuesti; kui see kordub, rääkige oma IT-toega.",
            en="The address may well be right. Send the mail again later; if it recurs, talk to your IT support.",
        ),
    ),
    Failure(
        FailureKind.REFUSED,
        r"5\.\d+\.\d+",
        Text(et="server ei võtnud kirja vastu", en="the server did not take the mail"),
        Text(
            et="Küsige inimeselt, kas aadress on õige ja kas nende IT-tugi teab põhjust.",
            en="Ask the person whether the address is right, and whether their IT support knows why.",
        ),
    ),
)
"""the first that fits holds"""

_NO_ADDRESS: Final = FAILURES[0]
_UNKNOWN: Final = FAILURES[-1]


def known(error: str) -> Failure | None:
    """The failure that a server's reply gives the code of; None where it gives none."""
    return next((one for one in FAILURES if re.search(rf"(?<![\d.]){one.codes}(?![\d.])", error)), None)


def explained(error: str, *, dead: bool = False) -> Text:
    """What happened, what to do, and the server's words, as an alert says it. dead: the address is known to be
    none, whatever code the server gave."""
    failure = _NO_ADDRESS if dead else known(error) or _UNKNOWN
    words = error if len(error) <= LONGEST else error[: LONGEST - 1] + "…"
    said = Text(et=f" Serveri vastus: „{words}“.", en=f" The server said: “{words}”.") if words else Text(et="", en="")
    return Text(
        et=f"{failure.says.et}. {failure.advice.et}{said.et}", en=f"{failure.says.en}. {failure.advice.en}{said.en}"
    )
