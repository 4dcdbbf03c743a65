"""Sample facts for every mail: what previews and the tests of templates show. Pure.

Nobody here is real: reserved addresses and numbers only.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from workflow.notices import Fact, Minutes
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.text.bilingual import Text


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2022, month, day, hour, tzinfo=UTC)


SITE: Final = "http://localhost:8080"
"""where the links of samples lead, unless another address is given"""
_PLACE: Final = Text(et="Viljandi Kultuurimaja", en="Viljandi Culture House")
_MORE: Final = Text(et="Puudu on 1 liige.", en="Still missing: 1 member.")
_ASKED: Final = Text(
    et="Kas meeskond Võru võtab koha vastu?", en="Does the team Võru take its place?"
)  # fmt: skip

COMMON_SAMPLE: Final[Mapping[str, Fact]] = {
    "name": "Mari Mets",
    "team": "Võru",
    "home": "Võru vald",
    "programme": Text(
        et="Koosloome koolitus- ja arendusprogramm", en="Co-creation training and development programme"
    ),
    "short": Text(et="Koosloome", en="Co-creation"),
    "stage": Text(et="I töötuba", en="Workshop I"),
    "when": Text(
        et="teisipäev, 5. aprill 2022 kell 10.00–17.00", en="Tuesday, 5 April 2022 at 10:00–17:00"
    ),
    "session_day": Text(et="5. aprill", en="5 April"),
    "place": _PLACE,
    "due": _at(4, 12, 14),
    "link": f"{SITE}/q/abcdefghijklmnopqrstuvwxyz",
    "words": Text(et="JAH või EI", en="YES or NO"),
    "instructions": Text(et="Kaardistage partnerid.", en="Map your partners."),
    "topics": (Text(et="Koosloomeline valitsemine", en="Co-creative governance"),),
    "state": Text(et="I töötuba", en="Workshop I"),
    "coordinator": "Kati-Katri Koppel",
    "coordinator_address": "koordinaator@example.org",
    "coordinator_phone": "+372 5555 0100",
    "service_name": "Koosloome",
    "own_page": f"{SITE}/me/7-abcdefghijklmnopqrstuvwxyz",
    "also": ((_ASKED, _at(4, 14, 14), False, f"{SITE}/q/zyxwvutsrqponmlkjihgfedcba"),),
    "alone": "",
    "news": (Text(et="Koolitaja võttis töö „kava“ vastu.", en="The trainer has accepted “plan”."),),
}

_FACTS: Final[Mapping[str, Fact]] = {
    "application": (
        (Text(et="Meeskond", en="Team"), "Võru"),
        (Text(et="Miks soovite osaleda?", en="Why do you wish to take part?"), "Tahame õppida.\nJa katsetada."),
    ),
    "closes_at": _at(2, 27, 22),
    "missing": (_MORE,),
    "contact": "Mari Mets",
    "contact_address": "mari.mets@example.org",
    "until": _at(4, 20, 14),
    "apply_link": f"{SITE}/apply/abcdefghijklmnopqrstuvwxyz",
    "draft_link": f"{SITE}/apply/draft/abcdefghijklmnopqrstuvwxyz",
    "kept_until": _at(3, 13, 22),
    "earlier": "Rõuge",
    "counts": True,
    "group": Text(et="I rühm", en="Group I"),
    "dates": (
        (Text(et="I töötuba", en="Workshop I"), _at(4, 5, 7), _at(4, 5, 14), _PLACE),
        (Text(et="II töötuba", en="Workshop II"), _at(4, 19, 7), _at(4, 19, 14), _PLACE),
    ),
    "heading": Text(et="Re: Kas tohin tulla kahekesi?", en="Re: May two of us come?"),
    "written": Text(
        et="Aitäh kirja eest! Jah, tulge kahekesi.\n\nLõuna jaoks öelge mulle, mida te ei söö.",
        en="Thank you for writing! Yes, do come together.\n\nFor lunch, tell me what you do not eat.",
    ),
    "rank": 3,
    "why": Text(et="Kinnitus ei jõudnud tähtajaks.", en="No confirmation came in time."),
    "who": "Jaan Tamm",
    "said": "yes",
    "days": 7,
    "ask_days": 14,
    "removed": 2,
    "old_start": _at(4, 4, 7),
    "expected": (("Võru", "Mari Mets, Jaan Tamm"), ("Rõuge", "Ülle Õun")),
    "work": Text(et="partnerite kaardistamine", en="mapping of partners"),
    "files": ("kodutöö.pdf",),
    "words": "Kaardistasime kaheksa partnerit.\nLisasime kaardi.",
    "comment": "Lisage palun kaardile ka seltsid.\nMuu on väga hea.",
    "next": Text(et="II töötuba", en="Workshop II"),
    "starts": _at(9, 28, 7),
    "ends": _at(9, 28, 14),
    "first_day": date(2022, 6, 15),
    "last_day": date(2022, 9, 15),
    "mentor_comes": True,
    "work_asked": False,
    "mentor": "Alex Sample",
    "mentor_address": "alex.sample@example.org",
    "left": Minutes(570),
    "members": ("Mari Mets", "Jaan Tamm"),
    "period": "2022-07",
    "entries": ((date(2022, 7, 12), Minutes(90), "koosloome"), (None, Minutes(45), "")),
    "instead": True,
    "known": ((date(2022, 7, 5), Minutes(90), ""),),
    "asked": _ASKED,
    "settled": Text(et="arvestati täies mahus", en="counted in full"),
    "state": Text(et="II töötuba", en="Workshop II"),
    "undone": "Koosloome: Võru, koht on kinnitatud",
    "member": "Jaan Tamm",
    "shortfall": _MORE,
    "done": (Text(et="Võru: 12. juuli, 1,5 h.", en="Võru: 12 July, 1.5 h."),),
    "undo_until": _at(4, 6, 9),
    "noted_by": "",
    "note": "",
    "likely": Text(et="teie meeskond võtab koha vastu", en="your team takes the place"),
    "on_page": "",
    "overdue": False,
    "outdated": False,
    "writer": Text(et="Kaia Kask samast meeskonnast", en="Kaia Kask of the same team"),
    "sender": "keegi@example.org",
    "at": _at(4, 4, 9),
    "closed_at": _at(4, 4, 20),
    "heard": True,
    "counted": False,
    "next_date": _at(4, 19, 7),
    "open": (_ASKED,),
    "start": _at(2, 16, 11),
    "end": _at(2, 16, 13),
    "place": Text(et="veebis", en="online"),
    "join_link": "https://infopaev.example.org/liitu",
    "move": Text(et="koha andmine", en="offering a place"),
    "mails": ("place_offer",),
    "approvals": (
        (Text(et="Kas kinnitate? Võru: koha andmine", en="Do you approve? Võru: offering a place"),
         f"{SITE}/office/team/1/step/select"),
    ),
    "decide_link": f"{SITE}/office/team/1/step/select",
    "letters": (("Mari Mets, Võru: Jah, aga kas võib hiljem?", f"{SITE}/office/letter/7"),),
    "alerts": ((_MORE, f"{SITE}/office/team/1"),),
    "instead_of": "",
    "giver": "Kati-Katri Koppel",
    "mark": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    "late": (Text(et="Võru: kodutöö", en="Võru: homework"),),
    "office_link": f"{SITE}/office",
    "says": _MORE,
    "again": False,
    "by_itself": True,
    "awaits": Text(et="teie soov loobuda", en="your wish to withdraw"),
    "attended": (Text(et="I töötuba, 5. aprill 2022", en="Workshop I, 5 April 2022"),),
    "sign_in_link": f"{SITE}/sign-in/abcdefghijklmnopqrstuvwxyz",
    "minutes": 10,
    "own": True,
    "whose": "Mari Mets",
    "what": Text(et="loodi pääsuvõti", en="a passkey was made"),
    "browser": "Firefox, Windows",
    "sign_ins_link": f"{SITE}/sign-ins",
    "ahead": Text(et="I töötuba", en="Workshop I"),
    "ahead_days": 1,
    "ahead_start": _at(4, 5, 7),
    "ahead_end": _at(4, 5, 14),
    "ahead_place": _PLACE,
    "ahead_link": f"{SITE}/q/abcdefghijklmnopqrstuvwxyy",
    "rate_link": f"{SITE}/q/abcdefghijklmnopqrstuvwxxz",
    "rate_until": _at(3, 24, 22),
    "accepted": Text(et="mudeli juurutamise kava", en="implementation plan"),
}

_OWN: Final[Mapping[str, Mapping[str, Fact]]] = {
    "hours_held": {"asked": Minutes(120), "left": Minutes(60)},
    "work_received": {"words": 212},
    "reflection": {"end": True},
    "stage_done": {"done": Text(et="V töötuba", en="Workshop V"), "next": Text(et="Nõustamine", en="Mentoring")},
}


def facts(template: str) -> dict[str, Fact]:
    """The template's own facts, as the journey would give them."""
    own = _OWN.get(template, {})
    return {name: own.get(name, _FACTS[name]) for name in sorted(MAIL_KINDS[template].facts)}


TO_MEMBERS: Final = ("contact", "member", "anyone")
"""whose mails end with the link to their own details"""


def sample(template: str, site: str = SITE) -> dict[str, Fact]:
    """Everything that the template may use, for `Composer.preview`; links lead to this site, as a mail's must."""
    found = {**COMMON_SAMPLE, **facts(template)}
    if template in MAIL_KINDS and MAIL_KINDS[template].to not in TO_MEMBERS:
        found["own_page"] = ""
    return {name: _led(fact, site) for name, fact in found.items()}


def _led(fact: Any, site: str) -> Any:
    """The fact with its links leading to this site, however deep they stand."""
    if isinstance(fact, tuple):
        return tuple(_led(one, site) for one in fact)
    return site + fact.removeprefix(SITE) if isinstance(fact, str) and fact.startswith(f"{SITE}/") else fact
