"""Why a mail waits, did not leave or did not arrive, in words that a coordinator reads.

What a mail server answers stays beside them, in its own words: whoever runs the server wants those. Pure but for
the page's language.
"""

import re
from typing import Final

from web.i18n.language import _, said
from workflow.config.loader import Text


def _t(et: str, en: str) -> Text:
    return Text(et=et, en=en)


OURS: Final = {
    "the address does not take mail": _t("see aadress ei võta kirju vastu", "this address does not take mail"),
    "not among the addresses that mail may leave for ([mail] only_to)": _t(
        "config.toml lubab kirju saata ainult loetletud aadressidele ([mail] only_to); see ei ole nende seas",
        "config.toml lets mail leave for the listed addresses only ([mail] only_to); this is not one of them",
    ),
    "an address that mail cannot be sent to": _t(
        "sellele aadressile ei saa kirja saata", "mail cannot be sent to such an address"
    ),
    "more automatic answers within an hour than allowed": _t(
        "tunni jooksul oli automaatvastuseid rohkem, kui lubatud", "more automatic answers within an hour than allowed"
    ),
    "sending it broke off three times without a result": _t(
        "saatmine katkes kolm korda ja tulemus on teadmata", "sending it broke off three times without a result"
    ),
    "restored from a copy made earlier: release it if it was not sent since": _t(
        "taastatud varasemast koopiast: saatke siis, kui seda pole vahepeal saadetud",
        "restored from a copy made earlier: send it if it was not sent since",
    ),
}
"""the service's own notes, as the books hold them"""

CODES: Final = (
    (r"5\.(1\.(0|1|2|3|6|10)|2\.1)", _t("sellist aadressi ei ole", "there is no such address")),
    (r"[45]\.2\.2", _t("postkast on täis", "the mailbox is full")),
    (r"[45]\.(2\.3|3\.4)", _t("kiri on selle postkasti jaoks liiga suur", "the mail is too large for this mailbox")),
    (r"[45]\.7\.\d+", _t("server keeldus kirja vastu võtmast", "the server refused to take the mail")),
    (r"4\.\d+\.\d+", _t("server ei võtnud kirja praegu vastu", "the server did not take the mail for now")),
    (r"^\w*(?:Error|Disconnected)\b", _t("ühendus kirjaserveriga katkes", "the connection to the mail server broke")),
    (r"5\.\d+\.\d+", _t("server ei võtnud kirja vastu", "the server did not take the mail")),
)
"""enhanced status codes (RFC 3463), the first that fits"""
_GIVEN_UP: Final = re.compile(r"given up after (\d+) days: ")
LONGEST: Final = 120


def delivery(error: str) -> str:
    """What to show of a mail's `error`."""
    given_up = _GIVEN_UP.match(error)
    if given_up:
        return _("given up after %(n)s days: %(why)s", n=given_up[1], why=delivery(error[given_up.end() :]))
    if error in OURS:
        return said(OURS[error])
    known = next((text for code, text in CODES if re.search(rf"(?<![\d.]){code}(?![\d.])", error)), None)
    plain = error if len(error) <= LONGEST else error[: LONGEST - 1] + "…"
    return f"{said(known)} ({plain})" if known else plain
