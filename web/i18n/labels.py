"""Labels of the service's codes on the coordinator's pages: events, mails, statuses, duties.

Tables only. A word that is missing here is shown as it is stored; the tests see to it that none is.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from workflow.answering.held_letters import REASONS
from workflow.codes import HistoryEvent, LetterOutcome, MessageStatus, SubmissionStatus
from workflow.config.loader import Programme
from workflow.coordinator.audience import Side
from workflow.rules.machine import STATE_NAMES, TRIGGER_NAMES, Trigger, state_name
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.text.bilingual import Text
from workflow.text.formatting import sort_key
from workflow.views.funder_report import STATUSES as STATUSES_OF_WORK


def _t(et: str, en: str) -> Text:
    return Text(et=et, en=en)


EVENTS: Final[Mapping[str, Text]] = {
    HistoryEvent.APPLIED: _t("esitas taotluse", "applied"),
    HistoryEvent.VERIFIED: _t("kinnitas taotluse", "confirmed the application"),
    HistoryEvent.DISOWNED: _t("ütles, et taotlus pole tema saadetud", "said the application is not theirs"),
    HistoryEvent.SELECT: _t("valiti programmi", "selected"),
    HistoryEvent.WAITLIST: _t("pandi ootenimekirja", "put on the waiting list"),
    HistoryEvent.DECLINE: _t("jäeti valimata", "not selected"),
    HistoryEvent.CONFIRM: _t("koht kinnitati", "place confirmed"),
    HistoryEvent.RELEASE: _t("koht vabastati", "place released"),
    HistoryEvent.ADVANCE: _t("järgmisse etappi", "on to the next stage"),
    HistoryEvent.COMPLETE: _t("programm läbitud", "programme completed"),
    HistoryEvent.WITHDRAW: _t("loobus", "withdrew"),
    HistoryEvent.REINSTATE: _t("osalemine taastati", "reinstated"),
    HistoryEvent.UNDO: _t("samm võeti tagasi", "step taken back"),
    HistoryEvent.NOT_APPROVED: _t("sammu ei kinnitatud", "step not approved"),
    HistoryEvent.ANSWER_CORRECTED: _t("vastust parandati", "answer corrected"),
    HistoryEvent.ATTENDANCE: _t("osalemine märgiti", "attendance recorded"),
    HistoryEvent.ATTENDANCE_CORRECTED: _t("osalemist parandati", "attendance corrected"),
    HistoryEvent.HANDED_IN: _t("töö esitati", "work handed in"),
    HistoryEvent.ACCEPTED: _t("töö võeti vastu", "work accepted"),
    HistoryEvent.RETURNED: _t("töö saadeti tagasi", "work returned"),
    HistoryEvent.EXTENDED: _t("tähtaega pikendati", "due date extended"),
    HistoryEvent.JOINED: _t("uus liige", "member joined"),
    HistoryEvent.LEFT: _t("liige lahkus", "member left"),
    HistoryEvent.APPOINTED: _t("kontaktisik või asendaja vahetus", "contact or deputy changed"),
    HistoryEvent.READDRESSED: _t("meiliaadress muutus", "mail address changed"),
    HistoryEvent.ADDRESSES: _t("inimese teised aadressid muutusid", "a person's further addresses changed"),
    HistoryEvent.DETAILS: _t("inimese andmed parandati", "a person's details corrected"),
    HistoryEvent.RENAMED: _t("meeskonna nimi muutus", "team renamed"),
    HistoryEvent.MENTOR: _t("mentor määrati", "mentor assigned"),
    HistoryEvent.MENTOR_LEFT: _t("mentor vabastati", "mentor released"),
    HistoryEvent.BOOKED: _t("mentoriaeg broneeriti", "mentoring booked"),
    HistoryEvent.HOURS: _t("mentoritunnid märgiti", "mentor hours reported"),
    HistoryEvent.HOURS_CONFIRMED: _t("mentoritunnid kinnitati", "mentor hours confirmed"),
    HistoryEvent.HOURS_DISPUTED: _t("mentoritunnid vaidlustati", "mentor hours disputed"),
    HistoryEvent.HOURS_SETTLED: _t("ootel tundide üle otsustati", "held hours settled"),
    HistoryEvent.HOURS_CORRECTED: _t("mentoritunde parandati", "mentor hours corrected"),
    HistoryEvent.HOURS_TAKEN_BACK: _t("mentoritunnid võeti tagasi", "mentor hours taken back"),
    HistoryEvent.WROTE: _t("kirjutas meeskonnale", "wrote to the team"),
}
"""what happened: history's `event`"""

MAILS: Final[Mapping[str, Text]] = {name: kind.title for name, kind in MAIL_KINDS.items()}
"""what a mail is for: the template's name"""

STATUSES: Final[Mapping[str, tuple[Text, str]]] = {
    MessageStatus.QUEUED: (_t("läheb välja", "leaving"), ""),
    MessageStatus.SENDING: (_t("saatmisel", "being sent"), ""),
    MessageStatus.SENT: (_t("saadetud", "sent"), "good"),
    MessageStatus.HELD: (_t("ootab teid", "waits for you"), "warn"),
    MessageStatus.FAILED: (_t("ei läinud läbi", "failed"), "bad"),
    MessageStatus.BOUNCED: (_t("põrkas tagasi", "bounced"), "bad"),
    MessageStatus.UNCERTAIN: (_t("teadmata, kas jõudis", "uncertain"), "warn"),
    MessageStatus.DROPPED: (_t("jäeti saatmata", "not sent"), "plain"),
}
"""an outgoing mail's status: its name and the colour of its badge"""

DUTIES: Final[Mapping[str, Text]] = {
    "reminder": _t("meeldetuletus neile, kes vastust võlgnevad", "reminder to those who owe an answer"),
    "expire": _t("vastamise aeg saab läbi", "the time to answer is over"),
    "session_invitation": _t("kutse kohtumisele", "session invitation"),
    "session_reminder": _t("kohtumise meeldetuletus", "session reminder"),
    "session_over": _t("küsime koolitajatelt, kes puudusid, ja meeskondadelt tööd", "roll-call and work are asked for"),
    "few_coming": _t("kontroll, kas tulijaid on piisavalt", "check whether enough people are coming"),
    "behind": _t("kontroll, kes on maha jäänud", "check for teams that are behind"),
    "work_accepted": _t("teade, et töö on vastu võetud", "news that the work is accepted"),
    "work_ask": _t("küsime tööd", "work is asked for"),
    "stage_end": _t("etapp lõpeb", "the stage ends"),
    "hours_month": _t("küsime mentoritelt kuu tunde", "mentors are asked for the month's hours"),
    "hours_after": _t("küsime mentorilt tunde pärast kohtumist", "the mentor is asked after the session"),
    "info_reminder": _t("infopäeva meeldetuletus", "info day reminder"),
    "apply_closed": _t("taotlusvoor sulgub", "applications close"),
    "verify_ask": _t("kinnituskiri kontaktile ootab oma järge", "the contact's mail to confirm waits for its turn"),
    "consent_ask": _t("teade nimetatud liikmele", "telling a named member"),
    "undecided": _t("otsustamise aeg saab läbi", "the time to decide is over"),
    "draft_mail": _t("pooleli taotluse link ootab oma järge", "the link to a draft waits for its turn"),
    "welcome_mail": _t("infopäeva kinnituskiri ootab oma järge", "the info day's confirmation waits for its turn"),
    "draft_ends": _t("pooleli taotlus kustutatakse", "an unfinished application is deleted"),
    "digest": _t("hommikune kokkuvõte", "morning digest"),
    "retention": _t("kustutame andmed, mille säilitamise aeg on läbi", "data whose time is over is erased"),
}
"""what the calendar does: a duty's kind"""

OUTCOMES: Final[Mapping[str, Text]] = {
    **REASONS,
    LetterOutcome.ACCEPTED: _t("arvesse võetud", "taken into account"),
    LetterOutcome.ALREADY: _t("juba vastatud", "answered before"),
    LetterOutcome.LATE: _t("tuli pärast tähtaega", "came too late"),
    LetterOutcome.REFUSED: _t("ei olnud võimalik", "not possible"),
    LetterOutcome.STATUS: _t("küsis seisu", "asked for status"),
    LetterOutcome.HELP: _t("küsis abi", "asked for help"),
    LetterOutcome.WITHDRAW: _t("loobumine, ootab teie kinnitust", "withdrawal, waits for your approval"),
    LetterOutcome.SIGNED_OFF: _t("ei tule infopäevale", "does not come to the info day"),
    LetterOutcome.AUTOMATIC: _t("automaatvastus", "automatic reply"),
    LetterOutcome.BOUNCE: _t("tagasipõrge", "bounce"),
    LetterOutcome.BOUNCE_UNKNOWN: _t("tagasipõrge, mis ei kuulu ühegi kirja juurde", "a bounce of no mail of ours"),
    LetterOutcome.DELAYED: _t("kiri viibib, saatmist proovitakse veel", "the mail is late, still being tried"),
    LetterOutcome.SIGN_IN: _t("seda otsustatakse lehel, mitte kirjaga", "decided on the page, not by mail"),
    LetterOutcome.ERASED: _t("kustutatud", "erased"),
    LetterOutcome.OUTDATED: _t("vastas varasemale ajale, küsisime uuesti", "answered the time before, asked again"),
    LetterOutcome.COPY: _t("sama kiri teist teed pidi", "the same letter by another way"),
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
    SubmissionStatus.HANDED_IN: (STATUSES_OF_WORK[SubmissionStatus.HANDED_IN], ""),
    SubmissionStatus.ACCEPTED: (STATUSES_OF_WORK[SubmissionStatus.ACCEPTED], "good"),
    SubmissionStatus.RETURNED: (STATUSES_OF_WORK[SubmissionStatus.RETURNED], "warn"),
    SubmissionStatus.SUPERSEDED: (STATUSES_OF_WORK[SubmissionStatus.SUPERSEDED], "plain"),
}

READINGS: Final[Mapping[str, Text]] = {
    "yes": _t("JAH", "YES"),
    "no": _t("EI", "NO"),
    "maybe": _t("VÕIB-OLLA", "MAYBE"),
    "hours": _t("tunnid", "hours"),
    "names": _t("puudusid", "absent"),
    "submission": _t("see on esitatud töö", "this is the work handed in"),
    "return": _t("töö tagasi: parandada", "return the work"),
    "choice": _t("valik", "the choice"),
    "words": _t("vastus oma sõnadega", "an answer in their own words"),
    "withdraw": _t("soovib loobuda", "wants to withdraw"),
    "status": _t("küsib seisu", "asks for status"),
    "help": _t("küsib abi", "asks for help"),
    "replied": _t("vastas kirjaga", "replied by mail"),
}

VIA: Final[Mapping[str, Text]] = {
    "mail": _t("kirjaga", "by mail"),
    "calendar": _t("kalendrinupuga", "by calendar button"),
    "link": _t("vormiga salajase lingi taga", "on the form behind a secret link"),
    "page": _t("lehel, sisse logituna", "on a page, signed in"),
    "public": _t("avalikul vormil", "on the public form"),
    "clock": _t("kalender", "the calendar"),
    "command": _t("käsu või seadistusega", "by a command or the settings"),
    "form": _t("vormiga", "by form"),
    "config": _t("seadistusega", "by the settings"),
    "erasure": _t("unustamisel", "when somebody was forgotten"),
}
"""the doors (`workflow/rules/doors.py`); the last three stand in rows of before, when doors were not told apart"""

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

SIDES_WRITTEN_TO: Final[Mapping[str, Text]] = {
    Side.CONTACT: _t("kontaktisikud", "the contacts"),
    Side.SPEAKERS: _t("kontaktisikud ja asendajad", "contacts and deputies"),
    Side.MEMBERS: _t("kõik liikmed", "all members"),
    Side.MENTORS: _t("mentorid", "the mentors"),
    Side.TRAINERS: _t("koolitajad", "the trainers"),
    Side.OWING: _t("kõik, kellelt oodatakse vastust", "whoever owes an answer"),
}
"""to whom a coordinator may write"""

SAID_SO: Final[Mapping[str, Text]] = {
    "yes": _t("kes tulevad", "who come"),
    "maybe": _t("kes võib-olla tulevad", "who may come"),
    "no": _t("kes ei tule", "who do not come"),
    "none": _t("kes ei ole vastanud", "who have not answered"),
}
"""members of a session by what they said"""

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
    "own words": _t("vastus oma sõnadega", "an answer in their own words"),
    "one of the list": _t("üks loetletud valikutest", "one of the choices listed"),
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

POLL_FORMS: Final = {
    "yes_no": Text(et="jah või ei", en="yes or no"),
    "choice": Text(et="üks loetletud valikutest", en="one of the choices listed"),
    "words": Text(et="oma sõnadega", en="in their own words"),
}
"""how a coordinator's own question is answered"""
