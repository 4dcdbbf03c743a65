"""What each mail is for, in a sentence; and the parts of the journey that mails belong to. Tables only."""

from collections.abc import Mapping
from typing import Final

from workflow.config.loader import Text
from workflow.notices import NOTICES

_ET: Final[Mapping[str, str]] = {
    "verify": "taotlus jõudis kohale: täielik koopia; palume aadressi kinnitada",
    "consent": "teid nimetati liikmeks; öelge, kui see on eksitus",
    "application_counts": "taotlus läheb arvesse; mis saab edasi",
    "applied_twice": "sama kontaktisikuga tuli teine taotlus",
    "draft": "link, millega pooleli taotlust jätkata",
    "late_pass": "võite kandideerida pärast tähtaega",
    "place_offer": "meeskond valiti; palume koha kinnitada",
    "waitlisted": "meeskond on ootenimekirjas",
    "declined": "meeskond ei osutunud valituks",
    "place_confirmed": "koht on meeskonna oma; rühma kuupäevad",
    "place_released": "koht läks edasi teisele",
    "other_answered": "teine teist vastas juba",
    "session_invitation": "kutse ühele kohtumisele koos kalendrifailiga",
    "session_reminder": "kohtumine on lähedal",
    "session_moved": "kohtumisel on uus aeg",
    "session_cancelled": "kohtumine jääb ära",
    "roll_call": "kes olid kohal?",
    "homework": "palume esitada selle etapi töö",
    "work_received": "töö jõudis kohale; koolitaja loeb seda",
    "review": "lugege tööd; võtke vastu või saatke tagasi",
    "work_accepted": "töö võeti vastu",
    "work_returned": "töö tuli kommentaariga tagasi",
    "presentation": "palume esitada lõpuseminari esitluse",
    "stage_done": "meeskond liigub järgmisse etappi",
    "extension": "anti hilisem tähtaeg",
    "due_moved": "töö tähtaeg muutus",
    "mentor_assigned": "teie mentor on …",
    "mentor_welcome": "teie meeskond on …",
    "hours": "mitu tundi nõustasite?",
    "hours_held": "tunde on rohkem, kui alles; need ootavad koordinaatorit",
    "hours_settled": "mis sai tundidest, mis ootasid",
    "hours_check": "kas need mentoritunnid on õiged?",
    "reflection": "kuidas hindate oma teadmisi ja oskusi? (vorm)",
    "completed": "programm on läbitud; täname",
    "certificate": "teie tunnistus osalemise eest, PDF-failina",
    "withdraw_noted": "kuulsime, et loobute; koordinaator kinnitab",
    "withdrawn": "meeskond on loobunud",
    "reinstated": "meeskond osaleb jälle",
    "correction": "ütlesime midagi, mis enam ei kehti",
    "member_left": "liige lahkus; kas meeskond on veel piisavalt suur",
    "read_back": "saime teist aru nii",
    "reminder": "see ootab ikka veel teie vastust",
    "unclear": "me ei saanud kindlalt aru; täpsed sõnad vastamiseks",
    "form_only": "sellele vastatakse vormil, mitte kirjaga",
    "wrong_sender": "teile esitatud küsimusele vastas keegi teine; vastus jäi ootele",
    "already": "sellele küsimusele on juba vastatud; midagi ei muutunud",
    "late": "vastus tuli liiga hilja; kelle poole pöörduda",
    "status": "kus meeskond teekonnal on",
    "help": "sõnad, millega saab vastata",
    "info_day": "tere tulemast infopäevale; kalendrifail",
    "info_day_reminder": "infopäev on lähedal",
    "approve": "samm ootab teie jah-sõna",
    "digest": "mis täna hommikul teid ootab",
    "alert": "midagi, mida peate kohe teadma",
    "sign_in": "teie link sisselogimiseks",
    "sign_in_changed": "kellegi sisselogimise viis muutus; mida teha, kui see polnud tema ise",
}

PURPOSES: Final[Mapping[str, Text]] = {
    name: Text(et=_ET.get(name, spec.purpose), en=spec.purpose) for name, spec in NOTICES.items()
}

_BEGINS: Final[Mapping[str, Text]] = {
    "verify": Text(et="Kandideerimine", en="Applying"),
    "place_offer": Text(et="Kohad", en="Places"),
    "session_invitation": Text(et="Kohtumised", en="Sessions"),
    "homework": Text(et="Tööd", en="Work"),
    "mentor_assigned": Text(et="Nõustamine", en="Mentoring"),
    "reflection": Text(et="Lõpp ja pöörded", en="Ends and turns"),
    "read_back": Text(et="Vastused kirjadele", en="Answers to letters"),
    "info_day": Text(et="Infopäev ja kontor", en="The info day and the office"),
}


def _sections() -> tuple[tuple[Text, tuple[str, ...]], ...]:
    """Mails in the order of NOTICES, cut where a new part of the journey begins."""
    found: list[tuple[Text, list[str]]] = []
    for name in NOTICES:
        if name in _BEGINS or not found:
            found.append((_BEGINS.get(name, Text(et="Kirjad", en="Mails")), []))
        found[-1][1].append(name)
    return tuple((title, tuple(names)) for title, names in found)


SECTIONS: Final = _sections()
