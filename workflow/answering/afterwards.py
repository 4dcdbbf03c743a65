"""Words to a question that is over: what says nothing new ends quietly, all else waits for the coordinator.

Nobody's words end without a person: a letter is held, and what came by a form stands in a notice. Where it is another
answer than the first, the coordinators are mailed at once. Must never change what the first answer did.
"""

from workflow.answering.outcome import AnswerInProgress, AnswerOutcome, AnswerResult
from workflow.answering.read_back import said
from workflow.codes import AlertKind
from workflow.database.models import Question
from workflow.records.history import alert
from workflow.replies.answers import Answer, AnswerKind
from workflow.replies.repetition import Repetition, compared
from workflow.rules.answers import from_json
from workflow.rules.questions import kind_of
from workflow.text.bilingual import Text

WORDS: int = 300
"""so much of what a person wrote stands in a notice; the letter itself has all of it"""


def heard(given: AnswerInProgress, quietly: AnswerResult) -> AnswerOutcome:
    """`quietly` where the question's answer says it already or the words say nothing; else they wait."""
    told = compared(given.answer, known(given.question), files=bool(given.uploads))
    if told is Repetition.REPEATS or given.answer.kind is AnswerKind.RATINGS:  # nobody but their owner reads ratings
        return AnswerOutcome(quietly)
    if told is Repetition.CONTRADICTS:
        _tell(given, _another(given))
    elif given.actor.letter is None:
        _tell(given, _more(given))
    return AnswerOutcome(AnswerResult.AFTERWARDS)


def known(question: Question) -> Answer | None:
    """The answer that a closed question has; None where it has none."""
    row = kind_of(question.kind)
    if question.answered_by_id is not None and question.answer and not row.form_only:
        return from_json(question.answer)
    return Answer(kind=row.silence) if row.silence is not None and question.answered_by_id is None else None


def notice_key(question_id: int | None, person_id: int | None) -> str:
    """Of the notice about a person's later words to a question: one, however often they write."""
    return f"afterwards:{question_id}:{person_id}"


def _tell(given: AnswerInProgress, says: Text) -> None:
    key, team = notice_key(given.question.id, given.person.id), given.question.team or given.person.team
    letter = given.actor.letter
    about = {"question": given.question.id, **_where(given.question)}
    about |= {"letter": letter.id} if letter is not None else {}
    alert(
        given.season, given.session, key, AlertKind.AFTERWARDS, says, given.now,
        team=team, person=given.person, about=about, urgent=True,
    )  # fmt: skip


def _where(question: Question) -> dict[str, int]:
    return {"session": question.about["session"]} if "session" in question.about else {}


def _another(given: AnswerInProgress) -> Text:
    before, by, now = said(given.question), given.question.answered_by, given.person.name
    place = f"{given.question.team.name}: " if given.question.team else ""
    who = f" ({by.name})" if by is not None else ""
    return Text(
        et=f"{place}kirjas on vastus {before.et}{who}, aga {now} vastab nüüd teisiti: „{_words(given)}“ "
        "Esimene vastus kehtib, kuni te seda ei muuda.",
        en=f"{place}the answer on record is {before.en}{who}, but {now} now answers otherwise: “{_words(given)}” "
        "The first answer holds until you change it.",
    )


def _more(given: AnswerInProgress) -> Text:
    place = f"{given.question.team.name}: " if given.question.team else ""
    return Text(
        et=f"{place}{given.person.name} kirjutas vormil, mille küsimus oli juba läbi: „{_words(given)}“",
        en=f"{place}{given.person.name} wrote on a form whose question was over: “{_words(given)}”",
    )


def _words(given: AnswerInProgress) -> str:
    letter = given.actor.letter
    text = (letter.text if letter else "") or given.answer.text or given.answer.words or given.answer.kind.value
    return text if len(text) <= WORDS else f"{text[:WORDS]}…"
