"""What the service's own words are called on the coordinator's pages: events, mails, statuses, duties.

Tables only. A word that is missing here is shown as it is stored; the tests see to it that none is.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from workflow.answering.held_letters import REASONS
from workflow.config.loader import Programme, Text
from workflow.rules.machine import STATE_NAMES, TRIGGER_NAMES, Trigger, state_name
from workflow.text.formatting import sort_key
from workflow.views.funder_report import SIDES as SIDES
from workflow.views.funder_report import STATUSES as STATUSES_OF_WORK


def _t(et: str, en: str) -> Text:
    return Text(et=et, en=en)


EVENTS: Final[Mapping[str, Text]] = {
    "applied": _t("esitas taotluse", "applied"),
    "verified": _t("kinnitas taotluse", "confirmed the application"),
    "disowned": _t("ütles, et taotlus pole tema saadetud", "said the application is not theirs"),
    "select": _t("valiti programmi", "selected"),
    "waitlist": _t("pandi ootenimekirja", "put on the waiting list"),
    "decline": _t("jäeti valimata", "not selected"),
    "confirm": _t("koht kinnitati", "place confirmed"),
    "release": _t("koht vabastati", "place released"),
    "advance": _t("järgmisse etappi", "on to the next stage"),
    "complete": _t("programm läbitud", "programme completed"),
    "withdraw": _t("loobus", "withdrew"),
    "reinstate": _t("osalemine taastati", "reinstated"),
    "undo": _t("samm võeti tagasi", "step taken back"),
    "not_approved": _t("sammu ei kinnitatud", "step not approved"),
    "attendance": _t("osalemine märgiti", "attendance recorded"),
    "handed_in": _t("töö esitati", "work handed in"),
    "accepted": _t("töö võeti vastu", "work accepted"),
    "returned": _t("töö saadeti tagasi", "work returned"),
    "extended": _t("tähtaega pikendati", "due date extended"),
    "joined": _t("uus liige", "member joined"),
    "left": _t("liige lahkus", "member left"),
    "appointed": _t("kontaktisik või asendaja vahetus", "contact or deputy changed"),
    "readdressed": _t("meiliaadress muutus", "mail address changed"),
    "mentor": _t("mentor määrati", "mentor assigned"),
    "mentor_left": _t("mentor vabastati", "mentor released"),
    "booked": _t("mentoriaeg broneeriti", "mentoring booked"),
    "hours": _t("mentoritunnid märgiti", "mentor hours reported"),
    "hours_confirmed": _t("mentoritunnid kinnitati", "mentor hours confirmed"),
    "hours_disputed": _t("mentoritunnid vaidlustati", "mentor hours disputed"),
    "hours_settled": _t("ootel tundide üle otsustati", "held hours settled"),
    "hours_corrected": _t("mentoritunde parandati", "mentor hours corrected"),
    "hours_taken_back": _t("mentoritunnid võeti tagasi", "mentor hours taken back"),
}
"""what happened: history's `event`"""

MAILS: Final[Mapping[str, Text]] = {
    "verify": _t("taotluse kinnitamine", "confirm the application"),
    "applied_twice": _t("teine taotlus samalt kontaktisikult", "a second application of the same contact"),
    "draft": _t("pooleli taotluse link", "link to an unfinished application"),
    "consent": _t("teade liikmele", "notice to a named member"),
    "application_counts": _t("taotlus läheb arvesse", "application counts"),
    "late_pass": _t("luba pärast tähtaega", "late pass"),
    "place_offer": _t("koha pakkumine", "place offer"),
    "waitlisted": _t("ootenimekiri", "waiting list"),
    "declined": _t("ei osutunud valituks", "not selected"),
    "place_confirmed": _t("koht on kinnitatud", "place confirmed"),
    "place_released": _t("koht vabastati", "place released"),
    "other_answered": _t("teine vastas juba", "the other answered"),
    "session_invitation": _t("kutse kohtumisele", "session invitation"),
    "session_reminder": _t("kohtumise meeldetuletus", "session reminder"),
    "session_moved": _t("kohtumise uus aeg", "session moved"),
    "session_cancelled": _t("kohtumine langeb ära", "session cancelled"),
    "roll_call": _t("kes puudusid?", "roll-call"),
    "homework": _t("töö esitamine", "hand in work"),
    "work_received": _t("töö jõudis kohale", "work arrived"),
    "review": _t("töö lugemine", "work to review"),
    "work_accepted": _t("töö on vastu võetud", "work accepted"),
    "work_returned": _t("töö tuli tagasi", "work returned"),
    "presentation": _t("esitluse saatmine", "hand in the presentation"),
    "stage_done": _t("järgmine etapp", "next stage"),
    "extension": _t("uus tähtaeg", "later due date"),
    "due_moved": _t("tähtaeg muutus", "due date moved"),
    "mentor_assigned": _t("teie mentor", "your mentor"),
    "mentor_welcome": _t("teie meeskond", "your team"),
    "hours": _t("mentoritundide küsimine", "hours asked"),
    "hours_held": _t("tunnid ootavad otsust", "hours held"),
    "hours_settled": _t("tundide otsus", "hours settled"),
    "hours_check": _t("tundide kontroll", "hours to check"),
    "reflection": _t("enesehinnang", "own ratings"),
    "completed": _t("programm läbitud", "programme completed"),
    "certificate": _t("tunnistus", "certificate"),
    "withdraw_noted": _t("loobumissoov jõudis kohale", "withdrawal noted"),
    "withdrawn": _t("loobumine", "withdrawn"),
    "reinstated": _t("osalemine taastati", "reinstated"),
    "correction": _t("parandus", "correction"),
    "member_left": _t("liige lahkus", "member left"),
    "read_back": _t("saime aru nii", "read-back"),
    "reminder": _t("meeldetuletus", "reminder"),
    "unclear": _t("vastus jäi ebaselgeks", "answer unclear"),
    "form_only": _t("vastatakse vormil", "answered on the form"),
    "wrong_sender": _t("vastas keegi teine", "someone else answered"),
    "already": _t("sellele on juba vastatud", "answered already"),
    "late": _t("vastus tuli hiljem", "answer came late"),
    "status": _t("meeskonna seis", "where the team stands"),
    "help": _t("abi", "help"),
    "info_day": _t("infopäev", "info day"),
    "info_day_reminder": _t("infopäeva meeldetuletus", "info day reminder"),
    "approve": _t("samm ootab kinnitust", "step to approve"),
    "digest": _t("hommikune kokkuvõte", "morning digest"),
    "alert": _t("kiire teade", "alert"),
    "sign_in": _t("sisselogimise link", "sign-in link"),
    "sign_in_changed": _t("sisselogimine muutus", "sign-in changed"),
}
"""what a mail is for: the template's name"""

STATUSES: Final[Mapping[str, tuple[Text, str]]] = {
    "queued": (_t("läheb välja", "leaving"), ""),
    "sending": (_t("saatmisel", "being sent"), ""),
    "sent": (_t("saadetud", "sent"), "good"),
    "held": (_t("ootab teid", "waits for you"), "warn"),
    "failed": (_t("ei läinud läbi", "failed"), "bad"),
    "bounced": (_t("põrkas tagasi", "bounced"), "bad"),
    "uncertain": (_t("teadmata, kas jõudis", "uncertain"), "warn"),
    "dropped": (_t("jäeti saatmata", "not sent"), "plain"),
}
"""an outgoing mail's status: its name and the colour of its badge"""

DUTIES: Final[Mapping[str, Text]] = {
    "reminder": _t("meeldetuletus neile, kes vastust võlgnevad", "reminder to those who owe an answer"),
    "expire": _t("vastamise aeg saab läbi", "the time to answer is over"),
    "session_reminder": _t("kohtumise meeldetuletus", "session reminder"),
    "session_over": _t("küsime koolitajatelt, kes puudusid, ja meeskondadelt tööd", "roll-call and work are asked for"),
    "behind": _t("kontroll, kes on maha jäänud", "check for teams that are behind"),
    "work_ask": _t("küsime tööd", "work is asked for"),
    "stage_end": _t("etapp lõpeb", "the stage ends"),
    "hours_month": _t("küsime mentoritelt kuu tunde", "mentors are asked for the month's hours"),
    "hours_after": _t("küsime mentorilt tunde pärast kohtumist", "the mentor is asked after the session"),
    "info_reminder": _t("infopäeva meeldetuletus", "info day reminder"),
    "apply_closed": _t("taotlusvoor sulgub", "applications close"),
    "draft_ends": _t("pooleli taotlus kustutatakse", "an unfinished application is deleted"),
    "digest": _t("hommikune kokkuvõte", "morning digest"),
    "retention": _t("kustutame andmed, mille säilitamise aeg on läbi", "data whose time is over is erased"),
}
"""what the calendar does: a duty's kind"""

OUTCOMES: Final[Mapping[str, Text]] = {
    **REASONS,
    "accepted": _t("arvesse võetud", "taken into account"),
    "already": _t("juba vastatud", "answered before"),
    "late": _t("tuli pärast tähtaega", "came too late"),
    "refused": _t("ei olnud võimalik", "not possible"),
    "status": _t("küsis seisu", "asked for status"),
    "help": _t("küsis abi", "asked for help"),
    "withdraw": _t("loobumine, ootab teie kinnitust", "withdrawal, waits for your approval"),
    "automatic": _t("automaatvastus", "automatic reply"),
    "bounce": _t("tagasipõrge", "bounce"),
    "bounce_unknown": _t("tagasipõrge, mis ei kuulu ühegi kirja juurde", "a bounce of no mail of ours"),
    "delayed": _t("kiri viibib, saatmist proovitakse veel", "the mail is late, still being tried"),
    "copy": _t("sama kiri teist teed pidi", "the same letter by another way"),
}
"""what became of a letter"""

SHORT: Final[Mapping[str, Text]] = {
    "applied": _t("Taotlused", "Applied"),
    "waitlisted": _t("Ootenimekiri", "Waiting list"),
    "selected": _t("Valitud", "Selected"),
    "completed": _t("Läbinud", "Completed"),
    "declined": _t("Ei valitud", "Not selected"),
    "released": _t("Koht vabastatud", "Place released"),
    "withdrawn": _t("Loobunud", "Withdrawn"),
}
"""states as headings"""

TAKE: Final[Mapping[Trigger, Text]] = {
    Trigger.SELECT: _t("Vali programmi", "Select"),
    Trigger.WAITLIST: _t("Pane ootenimekirja", "Put on the waiting list"),
    Trigger.DECLINE: _t("Jäta valimata", "Decline"),
    Trigger.CONFIRM: _t("Kinnita koht", "Confirm the place"),
    Trigger.ADVANCE: _t("Vii järgmisse etappi", "Move to the next stage"),
    Trigger.COMPLETE: _t("Lõpeta programm", "Complete the programme"),
    Trigger.RELEASE: _t("Vabasta koht", "Release the place"),
    Trigger.WITHDRAW: _t("Märgi loobunuks", "Withdraw"),
    Trigger.REINSTATE: _t("Taasta osalemine", "Reinstate"),
}
"""steps as words on buttons"""

HARD: Final = (Trigger.DECLINE, Trigger.RELEASE, Trigger.WITHDRAW)
"""steps out of the journey: their buttons stand back"""

WHO: Final[Mapping[str, Text]] = {
    "contact": _t("kontaktisik", "the contact"),
    "member": _t("meeskond", "the team"),
    "trainer": _t("koolitaja", "a trainer"),
    "mentor": _t("mentor", "a mentor"),
    "coordinator": _t("teie", "you"),
    "calendar": _t("kalender", "the calendar"),
    "nobody": _t("–", "–"),
}
"""who can mend what is missing"""

HOURS: Final[Mapping[str, Text]] = {
    "reserved": _t("broneeritud", "booked"),
    "reported": _t("märgitud", "reported"),
    "corrected": _t("parandatud", "corrected"),
    "confirmed": _t("kinnitatud", "confirmed"),
    "disputed": _t("vaidlustatud", "disputed"),
    "held": _t("ootab otsust", "held"),
    "granted": _t("juurde antud", "granted"),
    "dropped": _t("ei arvestata", "dropped"),
}

WORK: Final[Mapping[str, tuple[Text, str]]] = {
    "handed_in": (STATUSES_OF_WORK["handed_in"], ""),
    "accepted": (STATUSES_OF_WORK["accepted"], "good"),
    "returned": (STATUSES_OF_WORK["returned"], "warn"),
    "superseded": (STATUSES_OF_WORK["superseded"], "plain"),
}

READINGS: Final[Mapping[str, Text]] = {
    "yes": _t("JAH", "YES"),
    "no": _t("EI", "NO"),
    "maybe": _t("VÕIB-OLLA", "MAYBE"),
    "hours": _t("tunnid", "hours"),
    "names": _t("puudusid", "absent"),
    "submission": _t("see on esitatud töö", "this is the work handed in"),
    "return": _t("töö tagasi: parandada", "return the work"),
    "withdraw": _t("soovib loobuda", "wants to withdraw"),
    "status": _t("küsib seisu", "asks for status"),
    "help": _t("küsib abi", "asks for help"),
}

VIA: Final[Mapping[str, Text]] = {
    "mail": _t("kirjaga", "by mail"),
    "form": _t("vormiga", "by form"),
    "calendar": _t("kalendrinupuga", "by calendar button"),
    "clock": _t("kalender", "the calendar"),
}

PARTS: Final[Mapping[str, Text]] = {
    "contact": _t("kontaktisik", "contact"),
    "deputy": _t("asendaja", "deputy"),
    "member": _t("liige", "member"),
}


ROLES: Final[Mapping[str, Text]] = {
    "coordinator": _t("koordinaator", "coordinator"),
    "reader": _t("lugeja", "reader"),
    "trainer": _t("koolitaja", "trainer"),
    "mentor": _t("mentor", "mentor"),
    "guest": _t("külaline", "guest"),
    "member": _t("liige", "member"),
}

RECIPIENTS: Final[Mapping[str, Text]] = {
    "contact": _t("kontaktisik", "the contact"),
    "member": _t("liige", "a member"),
    "trainer": _t("koolitaja", "a trainer"),
    "mentor": _t("mentor", "a mentor"),
    "coordinator": _t("koordinaator", "the coordinator"),
    "guest": _t("külaline", "a guest"),
    "staff": _t("see, kes sisse logib", "whoever signs in"),
    "anyone": _t("see, kes kirjutas või keda küsiti", "whoever wrote or was asked"),
}
"""whom a mail goes to"""

ADDRESSES: Final[Mapping[str, tuple[Text, str]]] = {
    "ok": (_t("töötab", "works"), "good"),
    "failing": (_t("tõrgub", "failing"), "warn"),
    "dead": (_t("ei võta kirju vastu", "does not take mail"), "bad"),
}
"""the state of a mail address, and the colour of its badge"""


MARKS: Final[Mapping[str, Text]] = {
    "mismatch": _t("sisu ei vasta nimele", "not what its name says"),
    "macros": _t("sisaldab makrosid", "contains macros"),
    "unusual": _t("ebatavaline fail", "unusual file"),
}
"""why a file should be opened with care"""


RULES: Final[Mapping[str, Text]] = {
    "yes in words": _t("sõnad tähendavad jah", "the words mean yes"),
    "bare yes in words": _t("üksnes jah", "a plain yes"),
    "no in words": _t("sõnad tähendavad ei", "the words mean no"),
    "bare no in words": _t("üksnes ei", "a plain no"),
    "leaving in words": _t("sõnad ütlevad, et loobutakse", "the words say that they leave"),
    "hours": _t("kirjas olid tunnid", "hours were named"),
    "roll-call": _t("kirjas oli, kes puudus", "it was said who was absent"),
    "work": _t("kirjas oli töö", "the work was in it"),
    "returned in words": _t("sõnad saadavad töö tagasi", "the words return the work"),
    "calendar": _t("kalendrinupp", "the calendar's button"),
    "form": _t("vormi valik", "the choice on the form"),
    "read by the coordinator": _t("koordinaator luges ja otsustas", "the coordinator read it and decided"),
    "invented": _t("demo mõtles välja", "invented by the demonstration"),
}
"""by which rule an answer was understood: a step's proof"""

VERDICTS: Final[Mapping[str, Text]] = {
    "pass": _t("kirjaserver kinnitab saatja domeeni", "the mail server vouches for the sender's domain"),
    "none": _t("kirjaserver ei ütle saatja kohta midagi", "the mail server says nothing about the sender"),
}
"""what was known of the sender of an answer that counted"""


def word(table: Mapping[str, Text], key: str | None) -> Text:
    """The word's name; the word itself where the table does not have it."""
    return table.get(key or "") or Text(et=key or "", en=key or "")


def by_name(table: Mapping[str, Text], keys: Iterable[str], lang: str) -> list[str]:
    """The keys in the order of their names, as the language's own alphabet has it."""
    return sorted(keys, key=lambda key: sort_key(word(table, key).say(lang)))


def heading(programme: Programme, state: str) -> Text:
    """A state as a short heading."""
    return SHORT.get(state) or (state_name(programme, state) if _known(programme, state) else word({}, state))


def _known(programme: Programme, state: str) -> bool:
    return state in STATE_NAMES or any(s.key == state for s in programme.stages)


def move_name(trigger: str) -> Text:
    """A trigger's name in the middle of a sentence."""
    return TRIGGER_NAMES[Trigger(trigger)]
