"""The kinds of mail: one row each, with what it is for, whom it goes to, and how it is threaded, limited and shown.

The name of a row is the name of its two templates (`templates/email/et`, `en`); made-up facts for previews stand in
`mail/composing/samples.py`, by the fact's name. Pure: must never know how a mail is built or sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from workflow.config.loader import Programme, When
from workflow.text.bilingual import Text

Role = Literal["contact", "member", "trainer", "mentor", "coordinator", "guest", "staff", "anyone"]


class Section(StrEnum):
    """The part of the journey under which a mail stands on the coordinator's page of mails."""

    APPLYING = "applying"
    PLACES = "places"
    SESSIONS = "sessions"
    WORK = "work"
    MENTORING = "mentoring"
    ENDS = "ends"
    ANSWERS = "answers"
    OFFICE = "office"


SECTION_NAMES: Mapping[Section, Text] = {
    Section.APPLYING: Text(et="Kandideerimine", en="Applying"),
    Section.PLACES: Text(et="Kohad", en="Places"),
    Section.SESSIONS: Text(et="Kohtumised", en="Sessions"),
    Section.WORK: Text(et="Tööd", en="Work"),
    Section.MENTORING: Text(et="Nõustamine", en="Mentoring"),
    Section.ENDS: Text(et="Lõpp ja pöörded", en="Ends and turns"),
    Section.ANSWERS: Text(et="Vastused kirjadele", en="Answers to letters"),
    Section.OFFICE: Text(et="Infopäev ja kontor", en="The info day and the office"),
}


class AnswerLimit(StrEnum):
    """Whether a mail counts towards the limits of automatic answers: two machines that answer each other must come
    to an end."""

    NONE = "none"
    ANSWER = "answer"
    """an answer to a letter that changed something: limited a day and a question, for a trainer who accepts ten works
    at one sitting has ten read back"""
    NOTHING_MOVED = "nothing moved"
    """an answer to a letter that changed nothing: limited by the hour, too, whatever it was about"""

    @property
    def counts(self) -> bool:
        return self is not AnswerLimit.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class MailKind:
    """One kind of mail. `title` names it in lists, `purpose` says in a sentence what it tells its reader.

    facts: names its template gets beside the common ones. asks: a reply is expected. session: it is about one.
    held: it waits for the coordinator, unless the config says otherwise of this very mail. encloses: a file goes
    with it. follows: it belongs to the thread of the mail that asked the same question before. listed: it is shown
    among a person's mails and failed ones; who asks for a link to sign in is nobody's work. by_hand: its words and its
    subject are a coordinator's own (the facts `written` and `heading`). soon: an hour later does as well.
    """

    title: Text
    purpose: Text
    section: Section
    to: Role
    facts: frozenset[str] = frozenset()
    asks: bool = False
    session: bool = False
    held: bool = False
    encloses: bool = False
    follows: bool = False
    limit: AnswerLimit = AnswerLimit.NONE
    listed: bool = True
    by_hand: bool = False
    soon: bool = False

    @property
    def can_wait(self) -> bool:
        """Whether it does as well an hour later (`mail/composing/pacing.py`)."""
        return self.soon or (self.section in (Section.WORK, Section.MENTORING, Section.ENDS) and not self.limit.counts)

    @property
    def usually(self) -> When | None:
        """When it leaves unless the config names this very mail; None: as the config says of all others. What shows
        the coordinators that something waits, what lets people in, and what a coordinator wrote, must not wait."""
        if self.held:
            return When.AFTER_APPROVAL
        return When.AT_ONCE if self.to in ("coordinator", "staff") or self.by_hand else None


def _names(facts: str) -> frozenset[str]:
    return frozenset(facts.split())


MAIL_KINDS: Mapping[str, MailKind] = {
    "verify": MailKind(
        title=Text(et="taotluse kinnitamine", en="confirm the application"),
        purpose=Text(
            et="taotlus jõudis kohale: täielik koopia; palume aadressi kinnitada",
            en="application came: a full copy; confirm this address",
        ),
        section=Section.APPLYING, to="contact", facts=_names("application closes_at earlier at counts"), asks=True,
    ),
    "consent": MailKind(
        title=Text(et="teade liikmele", en="notice to a named member"),
        purpose=Text(
            et="teid nimetati liikmeks; öelge, kui see on eksitus",
            en="you were named as a member; say so if that is wrong",
        ),
        section=Section.APPLYING, to="member", facts=_names("contact"), asks=True,
    ),
    "application_counts": MailKind(
        title=Text(et="taotlus läheb arvesse", en="application counts"),
        purpose=Text(et="taotlus läheb arvesse; mis saab edasi", en="the application counts; what comes next"),
        section=Section.APPLYING, to="contact", facts=_names("closes_at missing"),
    ),
    "draft": MailKind(
        title=Text(et="pooleli taotluse link", en="link to an unfinished application"),
        purpose=Text(
            et="link, millega pooleli taotlust jätkata",
            en="the link to continue an application that was kept",
        ),
        section=Section.APPLYING, to="guest", facts=_names("draft_link closes_at kept_until"),
    ),
    "late_pass": MailKind(
        title=Text(et="luba pärast tähtaega", en="late pass"),
        purpose=Text(et="võite kandideerida pärast tähtaega", en="you may apply after the deadline"),
        section=Section.APPLYING, to="guest", facts=_names("until apply_link"),
    ),
    "place_offer": MailKind(
        title=Text(et="koha pakkumine", en="place offer"),
        purpose=Text(et="meeskond valiti; palume koha kinnitada", en="the team was selected; confirm the place"),
        section=Section.PLACES, to="contact", facts=_names("group dates"), asks=True,
    ),
    "waitlisted": MailKind(
        title=Text(et="ootenimekiri", en="waiting list"),
        purpose=Text(et="meeskond on ootenimekirjas", en="the team is on the waiting list"),
        section=Section.PLACES, to="contact", facts=_names("rank"),
    ),
    "declined": MailKind(
        title=Text(et="ei osutunud valituks", en="not selected"),
        purpose=Text(et="meeskond ei osutunud valituks", en="the team was not selected"),
        section=Section.PLACES, to="contact",
    ),
    "place_confirmed": MailKind(
        title=Text(et="koht on kinnitatud", en="place confirmed"),
        purpose=Text(
            et="koht on meeskonna oma; rühma kuupäevad ja kalendrifail",
            en="the place is the team's; its group's dates, with calendar file",
        ),
        section=Section.PLACES, to="member", facts=_names("group dates ask_days rate_link rate_until"),
    ),
    "place_released": MailKind(
        title=Text(et="koht vabastati", en="place released"),
        purpose=Text(et="koht läks edasi teisele", en="the place was passed on"),
        section=Section.PLACES, to="contact", facts=_names("why"),
    ),
    "other_answered": MailKind(
        title=Text(et="teine vastas juba", en="the other answered"),
        purpose=Text(et="teine teist vastas juba", en="the other of you answered already"),
        section=Section.PLACES, to="contact", facts=_names("who said"), follows=True,
    ),
    "session_invitation": MailKind(
        title=Text(et="kutse kohtumisele", en="session invitation"),
        purpose=Text(
            et="kutse ühele kohtumisele koos kalendrifailiga",
            en="invitation to one session, with calendar file",
        ),
        section=Section.SESSIONS, to="member", asks=True, session=True, soon=True,
        facts=_names("outdated ahead ahead_days ahead_start ahead_end ahead_place ahead_link"),
    ),
    "session_reminder": MailKind(
        title=Text(et="kohtumise meeldetuletus", en="session reminder"),
        purpose=Text(et="kohtumine on lähedal", en="the session is near"),
        section=Section.SESSIONS, to="member", facts=_names("days said"), asks=True, session=True, follows=True,
    ),
    "session_moved": MailKind(
        title=Text(et="kohtumise uus aeg", en="session moved"),
        purpose=Text(et="kohtumisel on uus aeg", en="the session has a new time"),
        section=Section.SESSIONS, to="member", facts=_names("old_start"), asks=True, session=True,
    ),
    "session_place": MailKind(
        title=Text(et="kohtumise uus koht", en="session at a new venue"),
        purpose=Text(et="kohtumisel on uus koht; vastused kehtivad", en="the session has a new venue; answers stay"),
        section=Section.SESSIONS, to="member", facts=_names("said"), session=True, follows=True,
    ),
    "session_cancelled": MailKind(
        title=Text(et="kohtumine jääb ära", en="session cancelled"),
        purpose=Text(et="kohtumine jääb ära", en="the session does not take place"),
        section=Section.SESSIONS, to="member", facts=_names("why"), session=True,
    ),
    "roll_call": MailKind(
        title=Text(et="kes puudusid?", en="roll-call"),
        purpose=Text(et="kes olid kohal?", en="who was there?"),
        section=Section.SESSIONS, to="trainer", facts=_names("expected"), asks=True, session=True,
    ),
    "homework": MailKind(
        title=Text(et="töö esitamine", en="hand in work"),
        purpose=Text(et="palume esitada selle etapi töö", en="hand in this stage's work"),
        section=Section.WORK, to="contact", facts=_names("work"), asks=True,
    ),
    "work_received": MailKind(
        title=Text(et="töö jõudis kohale", en="work arrived"),
        purpose=Text(et="töö jõudis kohale; koolitaja loeb seda", en="the work arrived; a trainer reads it"),
        section=Section.WORK, to="member", facts=_names("work files words"), follows=True, limit=AnswerLimit.ANSWER,
    ),
    "review": MailKind(
        title=Text(et="töö lugemine", en="work to review"),
        purpose=Text(et="lugege tööd; võtke vastu või saatke tagasi", en="read the work; accept or return it"),
        section=Section.WORK, to="trainer", facts=_names("work files words who"), asks=True,
    ),
    "work_accepted": MailKind(
        title=Text(et="töö on vastu võetud", en="work accepted"),
        purpose=Text(et="töö võeti vastu", en="the work was accepted"),
        section=Section.WORK, to="contact", facts=_names("work comment"),
    ),
    "work_returned": MailKind(
        title=Text(et="töö tuli tagasi", en="work returned"),
        purpose=Text(et="töö tuli kommentaariga tagasi", en="the work came back with a comment"),
        section=Section.WORK, to="contact", facts=_names("work comment"), asks=True,
    ),
    "presentation": MailKind(
        title=Text(et="esitluse saatmine", en="hand in the presentation"),
        purpose=Text(et="palume esitada lõpuseminari esitluse", en="hand in the presentation for the seminar"),
        section=Section.WORK, to="contact", facts=_names("work"), asks=True,
    ),
    "stage_done": MailKind(
        title=Text(et="järgmine etapp", en="next stage"),
        purpose=Text(et="meeskond liigub järgmisse etappi", en="the team moves to its next stage"),
        section=Section.WORK, to="contact",
        facts=_names(
            "done next starts ends place first_day last_day mentor_comes work work_asked until accepted comment"
        ),
    ),
    "extension": MailKind(
        title=Text(et="uus tähtaeg", en="later due date"),
        purpose=Text(et="anti hilisem tähtaeg", en="a later due date was granted"),
        section=Section.WORK, to="contact", facts=_names("work until why"),
    ),
    "due_moved": MailKind(
        title=Text(et="tähtaeg muutus", en="due date moved"),
        purpose=Text(et="töö tähtaeg muutus", en="the work is due on another day"),
        section=Section.WORK, to="contact", facts=_names("work until"),
    ),
    "mentor_assigned": MailKind(
        title=Text(et="teie mentor", en="your mentor"),
        purpose=Text(et="teie mentor on …", en="your mentor is …"),
        section=Section.MENTORING, to="contact", facts=_names("mentor mentor_address left"),
    ),
    "mentor_welcome": MailKind(
        title=Text(et="teie meeskond", en="your team"),
        purpose=Text(et="teie meeskond on …", en="your team is …"),
        section=Section.MENTORING, to="mentor", facts=_names("contact contact_address members left"),
    ),
    "hours": MailKind(
        title=Text(et="mentoritundide küsimine", en="hours asked"),
        purpose=Text(et="mitu tundi nõustasite?", en="which hours did you give?"),
        section=Section.MENTORING, to="mentor", facts=_names("period entries known left"), asks=True,
    ),
    "hours_held": MailKind(
        title=Text(et="tunnid ootavad otsust", en="hours held"),
        purpose=Text(
            et="tunde on rohkem, kui alles; need ootavad koordinaatorit",
            en="more hours than are left: they wait for the coordinator",
        ),
        section=Section.MENTORING, to="mentor", facts=_names("asked left"), follows=True,
    ),
    "hours_settled": MailKind(
        title=Text(et="tundide otsus", en="hours settled"),
        purpose=Text(et="mis sai tundidest, mis ootasid", en="what became of the hours that waited"),
        section=Section.MENTORING, to="mentor", facts=_names("settled left"), follows=True,
    ),
    "hours_check": MailKind(
        title=Text(et="tundide kontroll", en="hours to check"),
        purpose=Text(et="kas need nõustamistunnid on õiged?", en="are these mentor hours right?"),
        section=Section.MENTORING, to="contact", facts=_names("mentor period entries instead left"), asks=True,
    ),
    "reflection": MailKind(
        title=Text(et="enesehinnang", en="own ratings"),
        purpose=Text(
            et="kuidas hindate oma teadmisi ja oskusi? (vorm)",
            en="how do you rate what you know and can do? (a form)",
        ),
        section=Section.ENDS, to="member", facts=_names("end again"), asks=True,
    ),
    "completed": MailKind(
        title=Text(et="programm läbitud", en="programme completed"),
        purpose=Text(et="programm on läbitud; täname", en="the programme is done; thanks"),
        section=Section.ENDS, to="member",
    ),
    "certificate": MailKind(
        title=Text(et="tunnistus", en="certificate"),
        purpose=Text(et="teie tunnistus osalemise eest, PDF-failina", en="your certificate of taking part, as a PDF"),
        section=Section.ENDS, to="member", facts=_names("attended"), held=True, encloses=True,
    ),
    "withdraw_noted": MailKind(
        title=Text(et="loobumissoov jõudis kohale", en="withdrawal noted"),
        purpose=Text(
            et="kuulsime, et loobute; koordinaator kinnitab",
            en="we heard that you withdraw; the coordinator will confirm",
        ),
        section=Section.ENDS, to="contact",
    ),
    "decision_late": MailKind(
        title=Text(et="otsus hilineb", en="decision late"),
        purpose=Text(
            et="see, mida te ootate, on veel otsustamata; teil pole vaja midagi teha",
            en="what you wait for is not decided yet; there is nothing for you to do",
        ),
        section=Section.ENDS, to="contact", facts=_names("awaits"),
    ),
    "withdrawn": MailKind(
        title=Text(et="loobumine", en="withdrawn"),
        purpose=Text(et="meeskond on loobunud", en="the team has withdrawn"),
        section=Section.ENDS, to="member", facts=_names("why removed"),
    ),
    "reinstated": MailKind(
        title=Text(et="osalemine taastati", en="reinstated"),
        purpose=Text(et="meeskond osaleb jälle", en="the team is in again"),
        section=Section.ENDS, to="member", facts=_names("state why dates"),
    ),
    "correction": MailKind(
        title=Text(et="parandus", en="correction"),
        purpose=Text(et="ütlesime midagi, mis enam ei kehti", en="we told you something that no longer holds"),
        section=Section.ENDS, to="contact", facts=_names("undone why removed"),
    ),
    "membership_ended": MailKind(
        title=Text(et="liikmele: te ei ole enam liige", en="to a member: no longer on the team"),
        purpose=Text(
            et="te ei ole enam meeskonna liige; kohtumised eemaldatakse kalendrist",
            en="you are no longer on the team; its sessions go from your calendar",
        ),
        section=Section.ENDS, to="member", facts=_names("removed"),
    ),
    "member_left": MailKind(
        title=Text(et="liige lahkus", en="member left"),
        purpose=Text(
            et="liige lahkus; kas meeskond on veel piisavalt suur",
            en="a member left the team; is it still large enough",
        ),
        section=Section.ENDS, to="contact", facts=_names("member shortfall"),
    ),
    "read_back": MailKind(
        title=Text(et="saime aru nii", en="read-back"),
        purpose=Text(et="saime teist aru nii", en="we understood you so"),
        section=Section.ANSWERS, to="anyone", facts=_names("done undo_until noted_by note"), follows=True,
        limit=AnswerLimit.ANSWER,
    ),
    "reminder": MailKind(
        title=Text(et="meeldetuletus", en="reminder"),
        purpose=Text(et="see ootab ikka veel teie vastust", en="this still waits for your answer"),
        section=Section.ANSWERS, to="anyone", facts=_names("asked overdue"), asks=True, follows=True,
    ),
    "passed_on": MailKind(
        title=Text(et="küsimus läks teile edasi", en="question passed on to you"),
        purpose=Text(
            et="küsimus, mis oli enne kellegi teise käes; miks küsime nüüd teilt",
            en="a question that was put to somebody else before; why it is put to you now",
        ),
        section=Section.ANSWERS, to="anyone", facts=_names("asked why"), asks=True,
    ),
    "unclear": MailKind(
        title=Text(et="vastus jäi ebaselgeks", en="answer unclear"),
        purpose=Text(
            et="me ei saanud kindlalt aru; täpsed sõnad vastamiseks",
            en="we could not be sure; the exact words to reply",
        ),
        section=Section.ANSWERS, to="anyone", asks=True, follows=True, limit=AnswerLimit.NOTHING_MOVED,
    ),
    "asked_back": MailKind(
        title=Text(et="kas saime õigesti aru?", en="did we understand you?"),
        purpose=Text(
            et="küsime, kas saime teie sõnadest õigesti aru; vastata saab ühe sõnaga",
            en="asks whether we understood your words; one word answers it",
        ),
        section=Section.ANSWERS, to="anyone", facts=_names("likely"), asks=True, follows=True,
        limit=AnswerLimit.NOTHING_MOVED,
    ),
    "form_only": MailKind(
        title=Text(et="vastatakse vormil", en="answered on the form"),
        purpose=Text(et="sellele vastatakse vormil, mitte kirjaga", en="this is answered on its form, not by mail"),
        section=Section.ANSWERS, to="anyone", asks=True, follows=True, limit=AnswerLimit.NOTHING_MOVED,
    ),
    "wrong_sender": MailKind(
        title=Text(et="vastas keegi teine", en="someone else answered"),
        purpose=Text(
            et="teile esitatud küsimusele vastas keegi teine; vastus jäi ootele",
            en="somebody else answered a question put to you; it was held",
        ),
        section=Section.ANSWERS, to="anyone", facts=_names("sender writer"), asks=True, follows=True,
        limit=AnswerLimit.NOTHING_MOVED,
    ),
    "already": MailKind(
        title=Text(et="sellele on juba vastatud", en="answered already"),
        purpose=Text(
            et="sellele küsimusele on juba vastatud; midagi ei muutunud",
            en="this question was answered before; nothing changed",
        ),
        section=Section.ANSWERS, to="anyone", facts=_names("who said at heard"), follows=True,
        limit=AnswerLimit.NOTHING_MOVED,
    ),
    "late": MailKind(
        title=Text(et="vastus tuli hiljem", en="answer came late"),
        purpose=Text(
            et="vastus tuli liiga hilja; kelle poole pöörduda",
            en="the answer came too late; nothing changed; whom to turn to",
        ),
        section=Section.ANSWERS, to="anyone", facts=_names("closed_at heard"), follows=True,
        limit=AnswerLimit.NOTHING_MOVED,
    ),
    "fell_away": MailKind(
        title=Text(et="küsimus oli ära langenud", en="question fell away"),
        purpose=Text(et="see küsimus oli ära langenud", en="this question had fallen away"),
        section=Section.ANSWERS, to="anyone", facts=_names("at heard"), follows=True,
        limit=AnswerLimit.NOTHING_MOVED,
    ),
    "status": MailKind(
        title=Text(et="meeskonna seis", en="where the team stands"),
        purpose=Text(et="kus meeskond teekonnal on", en="where the team stands"),
        section=Section.ANSWERS, to="anyone", facts=_names("state next_date next missing left"),
        limit=AnswerLimit.NOTHING_MOVED,
    ),
    "help": MailKind(
        title=Text(et="abi", en="help"),
        purpose=Text(et="sõnad, millega saab vastata", en="the words that can be replied"),
        section=Section.ANSWERS, to="anyone", facts=_names("open"), limit=AnswerLimit.NOTHING_MOVED,
    ),
    "heard": MailKind(
        title=Text(et="kiri on käes", en="letter received"),
        purpose=Text(et="kiri jõudis koordinaatorini", en="the letter reached the coordinator"),
        section=Section.ANSWERS, to="anyone", facts=_names("counted"), limit=AnswerLimit.NOTHING_MOVED,
    ),
    "own_reply": MailKind(
        title=Text(et="koordinaatori vastus", en="the coordinator's reply"),
        purpose=Text(et="koordinaator vastab kirjale oma sõnadega", en="the coordinator replies to a letter"),
        section=Section.ANSWERS, to="anyone", facts=_names("heading written"), follows=True, by_hand=True,
    ),
    "own_address": MailKind(
        title=Text(et="kas ka see aadress on teie?", en="is this address yours, too?"),
        purpose=Text(
            et="vastus tuli aadressilt, mida me ei tea; kas see on ka teie oma",
            en="an answer came from an address that we do not know; is it yours, too",
        ),
        section=Section.ANSWERS, to="anyone", facts=_names("sender"), asks=True,
    ),
    "details_changed": MailKind(
        title=Text(et="oma andmed muudetud", en="own details changed"),
        purpose=Text(
            et="teie andmeid muudeti kirjas oleva lingi kaudu; mida teha, kui see polnud teie",
            en="your details were changed through the link in a mail; what to do if it was not you",
        ),
        section=Section.ANSWERS, to="member", facts=_names("done"),
    ),
    "address_changed": MailKind(
        title=Text(et="teade endisele aadressile", en="notice to the former address"),
        purpose=Text(
            et="kirjutame edaspidi teisele aadressile; mida teha, kui see pole õige",
            en="we write to another address from now on; what to do if that is wrong",
        ),
        section=Section.ANSWERS, to="anyone",
    ),
    "signed_off": MailKind(
        title=Text(et="infopäevale tulek tühistatud", en="signed off from the info day"),
        purpose=Text(et="te ei ole enam infopäeval kirjas", en="you are no longer down for the info day"),
        section=Section.ANSWERS, to="anyone", limit=AnswerLimit.ANSWER,
    ),
    "info_day": MailKind(
        title=Text(et="infopäev", en="info day"),
        purpose=Text(et="tere tulemast infopäevale; kalendrifail", en="welcome to the info day, with calendar file"),
        section=Section.OFFICE, to="guest", facts=_names("start end place join_link"),
    ),
    "info_day_reminder": MailKind(
        title=Text(et="infopäeva meeldetuletus", en="info day reminder"),
        purpose=Text(et="infopäev on lähedal", en="the info day is near"),
        section=Section.OFFICE, to="guest", facts=_names("start end place join_link"),
    ),
    "own_letter": MailKind(
        title=Text(et="koordinaatori kiri", en="a letter from the coordinator"),
        purpose=Text(et="koordinaator kirjutab oma sõnadega", en="the coordinator writes in their own words"),
        section=Section.OFFICE, to="anyone", facts=_names("heading written"), follows=True, by_hand=True,
    ),
    "approve": MailKind(
        title=Text(et="samm ootab kinnitust", en="step to approve"),
        purpose=Text(et="samm ootab teie otsust", en="a step waits for your decision"),
        section=Section.OFFICE, to="coordinator", facts=_names("move missing mails decide_link again by_itself"),
    ),
    "sign_in_to_decide": MailKind(
        title=Text(et="kirjaga ei otsustata", en="not decided by mail"),
        purpose=Text(et="kirjaga ei otsustata: kus sisse logida", en="we do not decide by mail; where to sign in"),
        section=Section.OFFICE, to="coordinator", facts=_names("decide_link"), follows=True,
        limit=AnswerLimit.NOTHING_MOVED,
    ),
    "digest": MailKind(
        title=Text(et="hommikune kokkuvõte", en="morning digest"),
        purpose=Text(et="mis täna hommikul teid ootab", en="what waits for you this morning"),
        section=Section.OFFICE, to="coordinator",
        facts=_names("approvals letters alerts late mark office_link instead_of"),
    ),
    "handed_over": MailKind(
        title=Text(et="hooaeg anti üle", en="season handed over"),
        purpose=Text(et="nüüd vastutate hooaja eest teie; märkmed", en="the season is yours now; notes"),
        section=Section.OFFICE, to="coordinator", facts=_names("giver note office_link"),
    ),
    "alert": MailKind(
        title=Text(et="kiire teade", en="alert"),
        purpose=Text(et="midagi, mida peate kohe teadma", en="something you must know now"),
        section=Section.OFFICE, to="coordinator", facts=_names("says office_link"),
    ),
    "sign_in": MailKind(
        title=Text(et="sisselogimise link", en="sign-in link"),
        purpose=Text(et="teie link sisselogimiseks", en="your link to sign in"),
        section=Section.OFFICE, to="staff", facts=_names("sign_in_link minutes"), listed=False,
    ),
    "sign_in_changed": MailKind(
        title=Text(et="sisselogimine muutus", en="sign-in changed"),
        purpose=Text(
            et="kellegi sisselogimise viis muutus; mida teha, kui see polnud tema ise",
            en="how somebody signs in was changed; what to do if it was not they",
        ),
        section=Section.OFFICE, to="staff", facts=_names("own whose what at browser sign_ins_link"),
    ),
}
"""name of the template -> its row. Facts, by name:
application: ((label, value), …) · missing, next, mails, open, done, approvals, letters, alerts, late:
(sentence, …), but in a digest approvals, letters, alerts: ((sentence, link), …)
attended: (session, …) ·
dates: ((stage's name, start, end, place), …) · expected: ((team, names), …) · files, members: (name, …) ·
entries, known: ((day, Minutes, note), …) · closes_at, until, undo_until, at, old_start, start, end, next_date: moments
left, asked (hours_held): Minutes · the rest: text. A Text is said in the addressee's language."""

UNLISTED = frozenset(name for name, kind in MAIL_KINDS.items() if not kind.listed)


def when_sent(programme: Programme, template: str) -> When:
    """Whether a mail leaves at once or after the coordinator's yes; one that there is no more as all others do."""
    return programme.when_sent(template, MAIL_KINDS[template].usually if template in MAIL_KINDS else None)
