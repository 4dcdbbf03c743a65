"""The kinds of question: who is asked, which answers each takes, with which words, and by when it may change.

One table. A reply and a form are two doors to the same question; both end as one of the answers listed
here. Pure: must never read the database or decide what an answer does (`workflow/journey/moves.py` does).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflow.config.loader import Text
from workflow.replies.understand import AnswerKind as A


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of question.

    takes: the answers that settle it. words: what to reply, as shown in mails and on the form.
    asks: the question in one sentence, with {team}, {stage}, {work} and {month} where they fit.
    any_member: every member of the team may answer, not only those asked.
    stays_open: an answer may be given again until it is due (an expected attendance changes).
    """

    asked_of: str
    takes: tuple[A, ...]
    words: Text
    asks: Text
    any_member: bool = False
    stays_open: bool = False


YES_NO = Text(et="JAH või EI", en="YES or NO")
FILE = Text(et="lisage vastusele fail", en="attach the file to your reply")

KINDS: Mapping[QuestionKind, Kind] = {
    QuestionKind.VERIFY: Kind(
        asked_of="contact",
        takes=(A.YES, A.NO),
        words=YES_NO,
        asks=Text(et="Kas see taotlus on teie saadetud?", en="Did you send this application?"),
    ),
    QuestionKind.CONSENT: Kind(
        asked_of="member",
        takes=(A.YES, A.NO),
        words=Text(
            et="EI, kui te meeskonda ei kuulu; muidu pole vaja midagi teha",
            en="NO if you are not on this team; otherwise there is nothing to do",
        ),
        asks=Text(et="Kas kuulute meeskonda {team}?", en="Are you a member of the team {team}?"),
    ),
    QuestionKind.CONFIRM_PLACE: Kind(
        asked_of="contact and deputy",
        takes=(A.YES, A.NO),
        words=YES_NO,
        asks=Text(et="Kas meeskond {team} võtab koha vastu?", en="Does the team {team} take its place?"),
    ),
    QuestionKind.RSVP: Kind(
        asked_of="member",
        takes=(A.YES, A.NO, A.MAYBE),
        words=YES_NO,
        stays_open=True,
        asks=Text(et="Kas tulete? {stage}", en="Are you coming? {stage}"),
    ),
    QuestionKind.ROLL_CALL: Kind(
        asked_of="trainer",
        takes=(A.YES, A.NAMES),
        words=Text(
            et="KÕIK, kui kõik olid kohal, või puudujate nimed, iga nimi eraldi real",
            en="ALL if everybody was there, or the names of those absent, one a line",
        ),
        asks=Text(et="Kes puudusid? {stage}", en="Who was absent? {stage}"),
    ),
    QuestionKind.HOMEWORK: Kind(
        asked_of="contact",
        takes=(A.SUBMISSION,),
        any_member=True,
        words=Text(
            et="lisage vastusele fail või kirjutage töö kirja sisse",
            en="attach the file to your reply, or write the work into it",
        ),
        asks=Text(et="Ootame tööd: {work} ({stage})", en="We are waiting for: {work} ({stage})"),
    ),
    QuestionKind.REVIEW: Kind(
        asked_of="trainer",
        takes=(A.YES, A.RETURN),
        words=Text(
            et="JAH, kui töö on vastu võetud, või TAGASI: ja mida parandada",
            en="YES to accept the work, or RETURN: and what to mend",
        ),
        asks=Text(et="Kas töö on vastu võetud? {team}, {work}", en="Is the work accepted? {team}, {work}"),
    ),
    QuestionKind.HOURS: Kind(
        asked_of="mentor",
        takes=(A.HOURS, A.YES),
        words=Text(
            et="tunnid, näiteks 2,5 või 12.07 1,5 h; 19.07 45 min, JAH, kui loetelu on õige, või 0, kui tunde ei olnud",
            en="the hours, such as 2.5 h or 12.07 1.5 h; 19.07 45 min, YES if the list is right, 0 if there were none",
        ),
        asks=Text(et="Mitu tundi nõustasite? {team}, {month}", en="How many hours did you give? {team}, {month}"),
    ),
    QuestionKind.HOURS_CHECK: Kind(
        asked_of="contact",
        takes=(A.YES, A.NO),
        any_member=True,
        words=Text(et="JAH või EI: ja mis on valesti", en="YES, or NO: and what is wrong"),
        asks=Text(et="Kas need mentoritunnid on õiged? {month}", en="Are these mentor hours right? {month}"),
    ),
    QuestionKind.APPROVE: Kind(
        asked_of="coordinator",
        takes=(A.YES, A.NO),
        words=Text(et="JAH või EI: ja põhjus", en="YES, or NO: and the reason"),
        asks=Text(et="Kas kinnitate? {team}: {move}", en="Do you approve? {team}: {move}"),
    ),
    QuestionKind.PRESENTATION: Kind(
        asked_of="contact",
        takes=(A.SUBMISSION,),
        any_member=True,
        words=FILE,
        asks=Text(et="Ootame esitlust: {work} ({stage})", en="We are waiting for the presentation: {work} ({stage})"),
    ),
    QuestionKind.REFLECTION: Kind(
        asked_of="member",
        takes=(A.RATINGS,),
        words=Text(et="täitke vorm", en="fill in the form"),
        stays_open=True,
        asks=Text(et="Kuidas hindate oma teadmisi ja oskusi?", en="How do you rate what you know and can do?"),
    ),
}


WORK_QUESTION: Mapping[str, QuestionKind] = {
    "homework": QuestionKind.HOMEWORK,
    "plan": QuestionKind.HOMEWORK,
    "results": QuestionKind.HOMEWORK,
    "presentation": QuestionKind.PRESENTATION,
}
"""kind of work (config) -> the question that asks for it"""
