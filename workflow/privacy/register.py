"""The register: every column of every table is here, personal or plain. A test and `teekond check` see to it.

A new column goes either into a `Held`, with its purpose, period and the way it is erased, or into PLAIN: what can
name or describe nobody (numbers of rows, states, moments, digests of our own).
"""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from workflow.config.types import Text
from workflow.database.models import (
    Addressee,
    Alert,
    Attendance,
    Base,
    Draft,
    Extension,
    File,
    HistoryRow,
    HoursRow,
    InfoSignup,
    LatePass,
    Letter,
    Mentorship,
    Message,
    MessageFile,
    Person,
    PreparedMail,
    Question,
    RecoveryCode,
    Reflection,
    SecondFactor,
    SentForm,
    Setting,
    SignIn,
    SignInRequest,
    StageSession,
    Submission,
    Team,
    WebSession,
)
from workflow.privacy.categories import Held, How, Keep, Purpose, Someone, Whose


def _by(column: sa.orm.InstrumentedAttribute[int] | sa.orm.InstrumentedAttribute[int | None]) -> Whose:
    """Rows that name the person by number."""
    return lambda someone: column.in_(someone.ids)


def _files(someone: Someone) -> sa.ColumnElement[bool]:
    return File.submission_id.in_(sa.select(Submission.id).where(Submission.person_id.in_(someone.ids)))


def _letters(someone: Someone) -> sa.ColumnElement[bool]:
    """Written by them: as read, or by the envelope where nobody read it yet."""
    return sa.or_(
        Letter.person_id.in_(someone.ids),
        sa.func.lower(Letter.sender).in_(someone.keys),
        sa.func.lower(Letter.envelope_from).in_(someone.keys),
    )


def _messages(someone: Someone) -> sa.ColumnElement[bool]:
    return sa.or_(Message.person_id.in_(someone.ids), sa.func.lower(Message.to_address).in_(someone.keys))


def _with_their_mails(column: sa.orm.InstrumentedAttribute[int]) -> Whose:
    """Rows that belong to a mail of theirs."""
    return lambda someone: column.in_(sa.select(Message.id).where(_messages(someone)))


def _history(someone: Someone) -> sa.ColumnElement[bool]:
    """What they did, also by letter or as the one who was asked."""
    return HistoryRow.person_id.in_(someone.ids)


NAME, BLANK, VOID, REMOVE, KEPT = How.NAME, How.BLANK, How.VOID, How.REMOVE, How.KEPT

REGISTER: Final = (
    Held(
        model=Person,
        what=Text(et="Nimed ja kontaktid", en="Names and contacts"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Person.id),
        columns={
            "name": NAME, "address": BLANK, "address_key": BLANK, "address_note": BLANK, "phone": BLANK, "post": BLANK,
        },
    ),
    Held(
        model=Team,
        what=Text(et="Taotluste vabad tekstid ja koordinaatori märkmed", en="Applications' own words, notes"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        columns={"application": BLANK, "note": BLANK},
    ),
    Held(
        model=Question,
        what=Text(et="Vastused küsimustele", en="Answers to questions"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Question.answered_by_id),
        columns={"answer": BLANK},
    ),
    Held(
        model=Question,
        what=Text(et="Küsimuste üksikasjad", en="Particulars of questions"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        columns={"about": How.PROOF},
    ),
    Held(
        model=Addressee,
        what=Text(et="Salajased vastuseaadressid", en="Secret addresses for replies"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_by(Addressee.person_id),
        columns={"secret": VOID},
    ),
    Held(
        model=Attendance,
        what=Text(et="Osavõtt kohtumistest", en="Attendance at sessions"),
        purpose=Purpose.BOOKS,
        keep=Keep.BOOKS,
        whose=_by(Attendance.person_id),
        columns={"expected": KEPT, "present": KEPT},
    ),
    Held(
        model=Submission,
        what=Text(et="Esitatud tööde tekstid", en="Texts of works handed in"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.ATTACHMENTS,
        whose=_by(Submission.person_id),
        columns={"text": BLANK},
    ),
    Held(
        model=Submission,
        what=Text(et="Koolitajate tagasiside töödele", en="Trainers' comments on works"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.ATTACHMENTS,
        whose=_by(Submission.reviewed_by_id),
        columns={"comment": BLANK},
    ),
    Held(
        model=File,
        what=Text(et="Esitatud failid", en="Files handed in"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.ATTACHMENTS,
        whose=_files,
        columns={"name": BLANK, "content": BLANK, "sha256": BLANK},
    ),
    Held(
        model=Reflection,
        what=Text(et="Enesehinnangud programmi õpiväljunditele", en="Own ratings on the learning outcomes"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Reflection.person_id),
        columns={"person_id": BLANK, "question_id": BLANK, "rating": KEPT},
    ),
    Held(
        model=HoursRow,
        what=Text(et="Nõustamistundide märkused", en="Notes on mentoring hours"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(HoursRow.person_id),
        columns={"note": BLANK},
    ),
    Held(
        model=HoursRow,
        what=Text(et="Nõustamistundide raamat", en="The ledger of mentoring hours"),
        purpose=Purpose.BOOKS,
        keep=Keep.BOOKS,
        whose=_by(HoursRow.person_id),
        columns={"minutes": KEPT, "day": KEPT, "kind": KEPT},
    ),
    Held(
        model=Extension,
        what=Text(et="Tähtaja pikendamise põhjused", en="Reasons for later due dates"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        columns={"why": BLANK},
    ),
    Held(
        model=HistoryRow,
        what=Text(et="Meeskonna ajalugu: kes ja miks", en="A team's history: who and why"),
        purpose=Purpose.RECORD,
        keep=Keep.PEOPLE,
        whose=_history,
        columns={"actor": NAME, "why": BLANK, "proof": How.PROOF},
    ),
    Held(
        model=Letter,
        what=Text(et="Saabunud kirjad", en="Letters received"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_letters,
        columns={
            "envelope_from": BLANK, "recipients": BLANK, "raw": BLANK, "peer": BLANK, "reason": BLANK,
            "sender": BLANK, "subject": BLANK, "message_id": BLANK, "text": BLANK, "quoted": BLANK,
            "readings": BLANK, "resolution": BLANK,
        },
    ),
    Held(
        model=Message,
        what=Text(et="Saadetud kirjad", en="Mails sent"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_messages,
        columns={
            "to_name": NAME, "to_address": BLANK, "subject": BLANK, "body": BLANK, "calendar": BLANK,
            "in_reply_to": BLANK, "reference_ids": BLANK, "reply_to": BLANK, "error": BLANK, "facts": BLANK,
            "key": VOID,
        },
    ),
    Held(
        model=MessageFile,
        what=Text(et="Kirjadega saadetud tunnistused", en="Certificates sent with mails"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_with_their_mails(MessageFile.message_id),
        columns={"name": BLANK, "content": BLANK},
    ),
    Held(
        model=PreparedMail,
        what=Text(et="Saatmist ootavate kirjade valmis kuju", en="Mails that wait, as they will leave"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_with_their_mails(PreparedMail.message_id),
        columns={"sender": REMOVE, "content": REMOVE},
    ),
    Held(
        model=Alert,
        what=Text(et="Teated koordinaatorile", en="What the coordinator was told"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Alert.person_id),
        columns={"says": How.WORDS, "key": VOID},
    ),
    Held(
        model=LatePass,
        what=Text(et="Load taotleda pärast tähtaega", en="Leaves to apply late"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=lambda someone: sa.func.lower(LatePass.address).in_(someone.keys),
        columns={"address": BLANK, "secret": VOID, "why": BLANK},
    ),
    Held(
        model=Draft,
        what=Text(et="Pooleli taotlused", en="Applications begun"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.DRAFTS,
        since="expires_at",
        whose=lambda someone: Draft.address_key.in_(someone.keys),
        columns={"address": REMOVE, "address_key": REMOVE, "content": REMOVE, "secret_hash": REMOVE},
    ),
    Held(
        model=InfoSignup,
        what=Text(et="Infopäeva külalised", en="Guests of the info day"),
        purpose=Purpose.INFO_DAY,
        keep=Keep.GUESTS,
        whose=_by(InfoSignup.person_id),
        columns={"person_id": REMOVE, "at": REMOVE},
    ),
    Held(
        model=SignIn,
        what=Text(et="Sisselogimise lingid", en="Sign-in links"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.SIGN_INS,
        since="expires_at",
        whose=_by(SignIn.person_id),
        columns={"token_hash": REMOVE, "browser_hash": REMOVE, "used_at": REMOVE},
    ),
    Held(
        model=SignInRequest,
        what=Text(et="Sisselogimise soovid", en="Requests to sign in"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.SIGN_INS,
        since="at",
        whose=lambda someone: SignInRequest.address_key.in_(someone.keys),
        columns={"address_key": REMOVE, "browser_hash": REMOVE, "then": REMOVE},
    ),
    Held(
        model=WebSession,
        what=Text(et="Sisse logitud brauserid", en="Signed-in browsers"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.SIGN_INS,
        since="seen_at",
        whose=_by(WebSession.person_id),
        columns={"token_hash": REMOVE, "browser": REMOVE, "place": REMOVE, "started_at": REMOVE, "seen_at": REMOVE},
    ),
    Held(
        model=SecondFactor,
        what=Text(et="Pääsuvõtmed ja koodirakendused", en="Passkeys and code applications"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.WHILE_USED,
        whose=_by(SecondFactor.person_id),
        columns={
            "label": REMOVE, "seed": REMOVE, "sealed": REMOVE, "credential_id": REMOVE, "public_key": REMOVE,
            "sign_count": REMOVE, "last_step": REMOVE, "used_at": REMOVE,
        },
    ),
    Held(
        model=RecoveryCode,
        what=Text(et="Varukoodid", en="Recovery codes"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.WHILE_USED,
        whose=_by(RecoveryCode.person_id),
        columns={"code_hash": REMOVE, "used_at": REMOVE},
    ),
    Held(
        model=Setting,
        what=Text(et="Teenuse enda väärtused", en="The service's own values"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.WHILE_USED,
        columns={"value": KEPT},
    ),
)  # fmt: skip

PLAIN: Final[Mapping[str, str]] = {
    Team.__tablename__: "id name municipality lang state state_since version applied_at verified_at late_pass "
    "group_key wish_group rank provisional provisional_group left_from",
    Person.__tablename__: "id role key address_state lang team_id side part joined_at left_at",
    StageSession.__tablename__: "id stage group_key starts_at ends_at place sequence cancelled_at",
    Question.__tablename__: "id key kind team_id stage group_key asked_at due_at closed_at outcome answered_by_id "
    "answered_via letter_id history_id",
    Addressee.__tablename__: "id question_id person_id",
    Attendance.__tablename__: "id team_id person_id stage recorded_at sequence",
    Submission.__tablename__: "id team_id stage question_id person_id at status reviewed_by_id reviewed_at letter_id",
    File.__tablename__: "id submission_id media_type size mark",
    Reflection.__tablename__: "id team_id moment outcome",
    MessageFile.__tablename__: "id message_id media_type",
    PreparedMail.__tablename__: "id message_id made_by",
    Mentorship.__tablename__: "id team_id person_id stage since until",
    HoursRow.__tablename__: "id team_id stage person_id at about_id question_id",
    Extension.__tablename__: "id team_id stage until at",
    HistoryRow.__tablename__: "id team_id number at event from_state to_state person_id question_id letter_id "
    "undone_by_id salt seal hash",
    Letter.__tablename__: "id digest received_at via status attempt next_at leased_until outcome kind team_id "
    "person_id question_id resolved_at",
    Message.__tablename__: "id template lang person_id team_id question_id letter_id history_id calendar_method "
    "message_id auto_submitted status created_at next_at attempt tries broken leased_until sent_at edited_at",
    "duties": "id key kind due_at team_id question_id session_id about done_at outcome",
    Alert.__tablename__: "id kind team_id person_id at settled_at",
    LatePass.__tablename__: "id until team_id",
    Draft.__tablename__: "id lang created_at updated_at expires_at mails mailed_at team_id",
    SentForm.__tablename__: "id form_hash browser_hash content_hash team_id at",
    InfoSignup.__tablename__: "id",
    SignIn.__tablename__: "id person_id expires_at",
    SignInRequest.__tablename__: "id at",
    WebSession.__tablename__: "id person_id ended_at half",
    SecondFactor.__tablename__: "id person_id kind made_at",
    RecoveryCode.__tablename__: "id person_id made_at",
    "tries": "key since n",
    Setting.__tablename__: "key",
    "erasures": "id mark pseudonym at",
}
"""columns that say nothing of anybody; `key` of letters and the like is made of numbers"""


def unknown(metadata: sa.MetaData = Base.metadata) -> Iterator[str]:
    """Each column of which nothing is said, or that is said and does not exist: `table.column`."""
    said = {(held.table.name, column) for held in REGISTER for column in held.columns}
    said |= {(table, column) for table, columns in PLAIN.items() for column in columns.split()}
    real = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    yield from (f"{table}.{column}" for table, column in sorted(real ^ said))


def twice() -> Iterator[str]:
    """Each column that is declared more than once."""
    seen = set()
    pairs = [(h.table.name, c) for h in REGISTER for c in h.columns]
    for pair in [*pairs, *((t, c) for t, columns in PLAIN.items() for c in columns.split())]:
        if pair in seen:
            yield ".".join(pair)
        seen.add(pair)

