"""The kinds of question: one row each, with who is asked, what answers it, and what happens while nobody does.

A reply and a form are two ways to answer the same question; both end as one of the answers listed here. What an
answer does, how a reply is read and what a form shows are tables of functions elsewhere, keyed by the same enum
(`tests/workflow/rules/test_questions.py` holds each complete). Pure: must never read the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflow.replies.answers import AnswerKind as A
from workflow.text.bilingual import Text


class QuestionKind(StrEnum):
    VERIFY = "verify"
    CONSENT = "consent"
    CONFIRM_PLACE = "confirm_place"
    RSVP = "rsvp"
    ROLL_CALL = "roll_call"
    HOMEWORK = "homework"
    REVIEW = "review"
    HOURS = "hours"
    HOURS_CHECK = "hours_check"
    APPROVE = "approve"
    PRESENTATION = "presentation"
    REFLECTION = "reflection"
    ADDRESS = "address"
    POLL = "poll"


class PollForm(StrEnum):
    """How a coordinator's own question is answered."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    """one of the words that it lists"""
    WORDS = "words"
    """as its writer likes"""


class AskedOf(StrEnum):
    """Who is asked; it also says who can answer when they go (`workflow/journey/departures.py`)."""

    CONTACT = "contact"
    CONTACT_AND_DEPUTY = "contact and deputy"
    MEMBER = "member"
    """each member about themselves: one question a member, which nobody else can answer"""
    TRAINER = "trainer"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"


class Reminding(StrEnum):
    """How often an open question is mailed again."""

    NONE = "none"
    """sessions have reminders of their own, silence is consent, the coordinator has the morning's mail, and an
    address that nobody has confirmed gets one mail and no more"""
    ONE = "one"
    ALL = "all"
    """as the programme says, before the due date and after it"""


class Lasts(StrEnum):
    """What closes a question that nobody answered, apart from its due date. A team that goes out closes all."""

    STEP = "step"
    """the team's next step, whichever it is"""
    STAGE = "stage"
    """the step that leaves the state in which it was asked"""
    PROGRAMME = "programme"
    """completing the programme"""
    AFTERWARDS = "afterwards"
    """nothing: it is asked beyond completing, too"""


class Amending(StrEnum):
    """Until when an answer can be replaced by another."""

    NEVER = "never"
    UNTIL_DUE = "until due"
    """the question stays open; the last answer counts"""
    UNTIL_READ = "until read"
    """a newer version, until a trainer has read the work"""
    CORRECTED = "corrected"
    """a while after the read-back, by whoever gave it: another answer corrects it, and history keeps both"""
    TAKEN_BACK = "taken back"
    """a while after the read-back, by whoever gave it: it is then as if not answered"""


class Correcting(StrEnum):
    """How a coordinator, signed in and with a note, corrects an answer that somebody gave."""

    ANEW = "anew"
    """on the question's form: what the first answer caused is taken back, then the new one does what it does"""
    WHILE_OPEN = "while open"
    """on the question's form, as long as its person could; afterwards something else tells"""
    BY_NAME = "by name"
    """on the session's page, each person's attendance by itself"""
    STEP = "step"
    """nowhere: the step that it led to is taken back instead"""
    NEVER = "never"
    """nowhere: it is its owner's alone"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of question.

    takes: the answers that settle it. words: what to reply, as shown in mails and on the form.
    asks: the question in one sentence, with {team}, {stage}, {work}, {month} and {address} where they fit.
    owed: an answer is waited for: the question stands among what a team owes, and is late when its date has passed.
    expires: the due date closes it; other questions stay open, for what is owed is still owed.
    any_member: every member of the team may answer, not only those asked.
    signed_in: answered on a page that asks for signing in, never by mail or behind a secret link.
    form_only: answered on its form, never by the words of a mail.
    corrected: how a coordinator corrects its answer.
    silence: what nobody's answer means once it has closed; None where it means nothing.
    plain: answers that book nothing and cannot be taken wrongly: given first and by mail, they are not read back.
    """

    asked_of: AskedOf
    takes: tuple[A, ...]
    words: Text
    asks: Text
    owed: bool
    reminding: Reminding
    expires: bool
    lasts: Lasts
    amend: Amending
    corrected: Correcting
    any_member: bool = False
    signed_in: bool = False
    form_only: bool = False
    silence: A | None = None
    plain: tuple[A, ...] = ()

    @property
    def awaited(self) -> bool:
        """Whether silence tells something: an answer is owed, or was asked for again."""
        return self.owed or self.reminding is not Reminding.NONE

    @property
    def on_behalf(self) -> bool:
        """Whether a coordinator may answer it for whoever was asked."""
        return self.corrected not in (Correcting.STEP, Correcting.NEVER)

    @property
    def takes_work(self) -> bool:
        """Whether it is answered by handing in work."""
        return A.SUBMISSION in self.takes


YES_NO = Text(et="JAH või EI", en="YES or NO")
FILE = Text(et="lisage vastusele fail", en="attach the file to your reply")

KINDS: Mapping[QuestionKind, Kind] = {
    QuestionKind.VERIFY: Kind(
        asked_of=AskedOf.CONTACT,
        takes=(A.YES, A.NO),
        words=YES_NO,
        asks=Text(et="Kas see taotlus on teie saadetud?", en="Did you send this application?"),
        owed=True,
        reminding=Reminding.NONE,
        expires=False,
        lasts=Lasts.PROGRAMME,
        amend=Amending.NEVER,
        corrected=Correcting.ANEW,
    ),
    QuestionKind.CONSENT: Kind(
        asked_of=AskedOf.MEMBER,
        takes=(A.YES, A.NO),
        words=Text(
            et="EI, kui te meeskonda ei kuulu; muidu pole vaja midagi teha",
            en="NO if you are not on this team; otherwise there is nothing to do",
        ),
        asks=Text(et="Kas kuulute meeskonda {team}?", en="Are you a member of the team {team}?"),
        owed=False,
        reminding=Reminding.NONE,
        expires=True,
        lasts=Lasts.PROGRAMME,
        amend=Amending.NEVER,
        corrected=Correcting.ANEW,
        silence=A.YES,
        plain=(A.YES,),
    ),
    QuestionKind.CONFIRM_PLACE: Kind(
        asked_of=AskedOf.CONTACT_AND_DEPUTY,
        takes=(A.YES, A.NO),
        words=YES_NO,
        asks=Text(et="Kas meeskond {team} võtab koha vastu?", en="Does the team {team} take its place?"),
        owed=True,
        reminding=Reminding.ALL,
        expires=True,
        lasts=Lasts.STAGE,
        amend=Amending.NEVER,
        corrected=Correcting.ANEW,
    ),
    QuestionKind.RSVP: Kind(
        asked_of=AskedOf.MEMBER,
        takes=(A.YES, A.NO, A.MAYBE),
        words=YES_NO,
        asks=Text(et="Kas tulete? {stage}", en="Are you coming? {stage}"),
        owed=False,
        reminding=Reminding.NONE,
        expires=True,
        lasts=Lasts.PROGRAMME,
        amend=Amending.UNTIL_DUE,
        corrected=Correcting.WHILE_OPEN,
        plain=(A.YES,),
    ),
    QuestionKind.ROLL_CALL: Kind(
        asked_of=AskedOf.TRAINER,
        takes=(A.YES, A.NAMES),
        words=Text(
            et="KÕIK, kui kõik olid kohal, või puudujate nimed, iga nimi eraldi real",
            en="ALL if everybody was there, or the names of those absent, one a line",
        ),
        asks=Text(et="Kes puudusid? {stage}", en="Who was absent? {stage}"),
        owed=True,
        reminding=Reminding.ALL,
        expires=False,
        lasts=Lasts.PROGRAMME,
        amend=Amending.CORRECTED,
        corrected=Correcting.BY_NAME,
    ),
    QuestionKind.HOMEWORK: Kind(
        asked_of=AskedOf.CONTACT,
        takes=(A.SUBMISSION,),
        words=Text(
            et="lisage vastusele fail või kirjutage töö kirja sisse",
            en="attach the file to your reply, or write the work into it",
        ),
        asks=Text(et="Ootame tööd: {work} ({stage})", en="We are waiting for: {work} ({stage})"),
        owed=True,
        reminding=Reminding.ALL,
        expires=False,
        lasts=Lasts.STAGE,
        amend=Amending.UNTIL_READ,
        corrected=Correcting.ANEW,
        any_member=True,
    ),
    QuestionKind.REVIEW: Kind(
        asked_of=AskedOf.TRAINER,
        takes=(A.YES, A.RETURN),
        words=Text(
            et="JAH, kui töö on vastu võetud, või TAGASI: ja mida parandada",
            en="YES to accept the work, or RETURN: and what to mend",
        ),
        asks=Text(et="Kas töö on vastu võetud? {team}, {work}", en="Is the work accepted? {team}, {work}"),
        owed=True,
        reminding=Reminding.ALL,
        expires=False,
        lasts=Lasts.STAGE,
        amend=Amending.NEVER,
        corrected=Correcting.ANEW,
        plain=(A.YES,),
    ),
    QuestionKind.HOURS: Kind(
        asked_of=AskedOf.MENTOR,
        takes=(A.HOURS, A.YES),
        words=Text(
            et="tunnid, näiteks 2,5 või 12.07 1,5 h; 19.07 45 min, JAH, kui loetelu on õige, või 0, kui tunde ei olnud",
            en="the hours, such as 2.5 h or 12.07 1.5 h; 19.07 45 min, YES if the list is right, 0 if there were none",
        ),
        asks=Text(et="Mitu tundi nõustasite? {team}, {month}", en="How many hours did you give? {team}, {month}"),
        owed=True,
        reminding=Reminding.ALL,
        expires=False,
        lasts=Lasts.AFTERWARDS,
        amend=Amending.TAKEN_BACK,
        corrected=Correcting.ANEW,
    ),
    QuestionKind.HOURS_CHECK: Kind(
        asked_of=AskedOf.CONTACT,
        takes=(A.YES, A.NO),
        words=Text(et="JAH või EI: ja mis on valesti", en="YES, or NO: and what is wrong"),
        asks=Text(et="Kas need nõustamistunnid on õiged? {month}", en="Are these mentoring hours right? {month}"),
        owed=True,
        reminding=Reminding.ALL,
        expires=True,
        lasts=Lasts.AFTERWARDS,
        amend=Amending.NEVER,
        corrected=Correcting.ANEW,
        any_member=True,
        plain=(A.YES,),
    ),
    QuestionKind.APPROVE: Kind(
        asked_of=AskedOf.COORDINATOR,
        takes=(A.YES, A.NO),
        words=Text(et="logige sisse ja otsustage seal", en="sign in and decide there"),
        asks=Text(et="Kas kinnitate? {team}: {move}", en="Do you approve? {team}: {move}"),
        owed=False,
        reminding=Reminding.NONE,
        expires=False,
        lasts=Lasts.STEP,
        amend=Amending.NEVER,
        corrected=Correcting.STEP,
        signed_in=True,
    ),
    QuestionKind.PRESENTATION: Kind(
        asked_of=AskedOf.CONTACT,
        takes=(A.SUBMISSION,),
        words=FILE,
        asks=Text(et="Ootame esitlust: {work} ({stage})", en="We are waiting for the presentation: {work} ({stage})"),
        owed=True,
        reminding=Reminding.ALL,
        expires=False,
        lasts=Lasts.STAGE,
        amend=Amending.UNTIL_READ,
        corrected=Correcting.ANEW,
        any_member=True,
    ),
    QuestionKind.REFLECTION: Kind(
        asked_of=AskedOf.MEMBER,
        takes=(A.RATINGS,),
        words=Text(et="täitke vorm", en="fill in the form"),
        asks=Text(et="Kuidas hindate oma teadmisi ja oskusi?", en="How do you rate what you know and can do?"),
        owed=False,
        reminding=Reminding.ONE,
        expires=True,
        lasts=Lasts.AFTERWARDS,
        amend=Amending.UNTIL_DUE,
        corrected=Correcting.NEVER,
        form_only=True,
    ),
    QuestionKind.ADDRESS: Kind(
        asked_of=AskedOf.MEMBER,
        takes=(A.YES, A.NO),
        words=YES_NO,
        asks=Text(et="Kas see on ka teie aadress? {address}", en="Is this address yours, too? {address}"),
        owed=False,
        reminding=Reminding.NONE,
        expires=True,
        lasts=Lasts.AFTERWARDS,
        amend=Amending.NEVER,
        corrected=Correcting.NEVER,
    ),
    QuestionKind.POLL: Kind(
        asked_of=AskedOf.MEMBER,
        takes=(A.YES, A.NO, A.CHOICE, A.WORDS),
        words=Text(et="vastake sellele kirjale", en="reply to this email"),
        asks=Text(et="{heading}", en="{heading}"),
        owed=False,
        reminding=Reminding.ONE,
        expires=True,
        lasts=Lasts.AFTERWARDS,
        amend=Amending.UNTIL_DUE,
        corrected=Correcting.WHILE_OPEN,
    ),
}


def kind_of(question: str) -> Kind:
    """The row of the kind that stands in `questions.kind`. Raises ValueError where there is no such kind."""
    return KINDS[QuestionKind(question)]


def words_to_reply(kind: str, about: Mapping[str, Any]) -> Text:
    """What to reply, as shown in mails and on the form; a poll says it itself. about: of the question."""
    if kind != QuestionKind.POLL or about.get("form") == PollForm.WORDS:
        return kind_of(kind).words
    if about.get("form") == PollForm.YES_NO:
        return YES_NO
    *first, last = about.get("choices") or ("",)
    return Text(et=" või ".join([", ".join(first), last]), en=" or ".join([", ".join(first), last]))


def kinds_that(test: Callable[[Kind], bool]) -> frozenset[QuestionKind]:
    """The kinds whose rows pass a test, for queries."""
    return frozenset(kind for kind, row in KINDS.items() if test(row))


OWED = kinds_that(lambda row: row.owed)
AWAITED = kinds_that(lambda row: row.awaited)
WORK = kinds_that(lambda row: row.takes_work)
ONE_A_MEMBER = kinds_that(lambda row: row.asked_of is AskedOf.MEMBER)


WORK_QUESTION: Mapping[str, QuestionKind] = {
    "homework": QuestionKind.HOMEWORK,
    "plan": QuestionKind.HOMEWORK,
    "results": QuestionKind.HOMEWORK,
    "presentation": QuestionKind.PRESENTATION,
}
"""kind of work (config) -> the question that asks for it"""
