"""Register of personal data: every column of every table is declared here, personal or plain. A test and `teekond
check` see to it.

A new column goes either into a `Held`, with its purpose, period and the way it is erased, or into PLAIN: what can
name or describe nobody (numbers of rows, states, moments, digests of our own).
"""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from workflow.database.models import (
    Absence,
    Addressee,
    Alert,
    Alias,
    Attendance,
    Base,
    CalendarFeed,
    Draft,
    Extension,
    File,
    HandOver,
    HistoryRow,
    HoursRow,
    Import,
    InfoSignup,
    Invitation,
    LatePass,
    Letter,
    Mentorship,
    Message,
    MessageFile,
    Person,
    Question,
    RecoveryCode,
    Reflection,
    ReportToken,
    SecondFactor,
    SentForm,
    Setting,
    SignIn,
    SignInRequest,
    StageSession,
    Submission,
    Team,
    WebSession,
    WrittenFile,
    WrittenMail,
)
from workflow.privacy.categories import ErasureMethod, HeldColumns, Keep, Purpose, Someone, Whose
from workflow.records.row_seals import BY_TABLE
from workflow.text.bilingual import Text


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


def _with_their_writing(column: sa.orm.InstrumentedAttribute[int]) -> Whose:
    """Rows that belong to a mail that they wrote to many."""
    mine = sa.select(WrittenMail.id)
    return lambda someone: column.in_(mine.where(WrittenMail.author_id.in_(someone.ids)))


def _history(someone: Someone) -> sa.ColumnElement[bool]:
    """What they did, also by letter or as the one who was asked."""
    return HistoryRow.person_id.in_(someone.ids)


NAME, BLANK, VOID, REMOVE, KEPT = (
    ErasureMethod.NAME,
    ErasureMethod.BLANK,
    ErasureMethod.VOID,
    ErasureMethod.REMOVE,
    ErasureMethod.KEPT,
)

REGISTER: Final = (
    HeldColumns(
        model=Person,
        what=Text(et="Nimed ja kontaktid", en="Names and contacts"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Person.id),
        columns={
            "name": NAME, "address": BLANK, "address_key": BLANK, "address_note": BLANK, "phone": BLANK, "post": BLANK,
        },
    ),
    HeldColumns(
        model=Alias,
        what=Text(et="Varasemad nimed, teised aadressid", en="Earlier names, other addresses"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Alias.person_id),
        columns={"value": REMOVE, "key": REMOVE},
    ),
    HeldColumns(
        model=Team,
        what=Text(et="Taotluste vabad tekstid ja koordinaatori märkmed", en="Applications' own words, notes"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        columns={"application": BLANK, "note": BLANK},
    ),
    HeldColumns(
        model=Absence,
        what=Text(et="Koordinaatorite äraolek", en="Coordinators' absences"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.WHILE_USED,
        whose=_by(Absence.person_id),
        columns={"until": REMOVE},
    ),
    HeldColumns(
        model=HandOver,
        what=Text(et="Märkmed hooaja üleandmisel", en="Notes on handing the season over"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(HandOver.from_id),
        columns={"notes": BLANK},
    ),
    HeldColumns(
        model=Question,
        what=Text(et="Vastused küsimustele", en="Answers to questions"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Question.answered_by_id),
        columns={"answer": BLANK},
    ),
    HeldColumns(
        model=Question,
        what=Text(et="Küsimuste üksikasjad", en="Particulars of questions"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        columns={"about": ErasureMethod.PROOF},
    ),
    HeldColumns(
        model=Addressee,
        what=Text(et="Salajased vastuseaadressid", en="Secret addresses for replies"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_by(Addressee.person_id),
        columns={"secret": VOID},
    ),
    HeldColumns(
        model=Attendance,
        what=Text(et="Osavõtt kohtumistest", en="Attendance at sessions"),
        purpose=Purpose.BOOKS,
        keep=Keep.BOOKS,
        whose=_by(Attendance.person_id),
        columns={"present": KEPT},
    ),
    HeldColumns(
        model=Attendance,
        what=Text(et="Osavõtu paranduste põhjused", en="Reasons for corrections of attendance"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Attendance.recorded_by_id),
        columns={"why": BLANK},
    ),
    HeldColumns(
        model=Invitation,
        what=Text(et="Kutsed kohtumistele", en="Invitations to sessions"),
        purpose=Purpose.BOOKS,
        keep=Keep.BOOKS,
        whose=_by(Invitation.person_id),
        columns={"expected": KEPT},
    ),
    HeldColumns(
        model=Submission,
        what=Text(et="Esitatud tööde tekstid", en="Texts of works handed in"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.ATTACHMENTS,
        whose=_by(Submission.person_id),
        columns={"text": BLANK},
    ),
    HeldColumns(
        model=Submission,
        what=Text(et="Koolitajate tagasiside töödele", en="Trainers' comments on works"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.ATTACHMENTS,
        whose=_by(Submission.reviewed_by_id),
        columns={"comment": BLANK},
    ),
    HeldColumns(
        model=File,
        what=Text(et="Esitatud failid", en="Files handed in"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.ATTACHMENTS,
        whose=_files,
        columns={"name": BLANK, "content": BLANK, "sha256": BLANK},
    ),
    HeldColumns(
        model=Reflection,
        what=Text(et="Enesehinnangud programmi õpiväljunditele", en="Own ratings on the learning outcomes"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Reflection.person_id),
        columns={"person_id": BLANK, "question_id": BLANK, "rating": KEPT},
    ),
    HeldColumns(
        model=HoursRow,
        what=Text(et="Nõustamistundide märkused", en="Notes on mentoring hours"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(HoursRow.person_id),
        columns={"note": BLANK},
    ),
    HeldColumns(
        model=HoursRow,
        what=Text(et="Nõustamistundide raamat", en="The ledger of mentoring hours"),
        purpose=Purpose.BOOKS,
        keep=Keep.BOOKS,
        whose=_by(HoursRow.person_id),
        columns={"minutes": KEPT, "day": KEPT, "month": KEPT, "kind": KEPT},
    ),
    HeldColumns(
        model=Extension,
        what=Text(et="Tähtaja pikendamise põhjused", en="Reasons for later due dates"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        columns={"why": BLANK},
    ),
    HeldColumns(
        model=HistoryRow,
        what=Text(
            et="Meeskonna ajalugu: kes, miks ja milliselt võrguaadressilt",
            en="A team's history: who, why and from which network address",
        ),
        purpose=Purpose.RECORD,
        keep=Keep.PEOPLE,
        whose=_history,
        columns={"actor": NAME, "why": BLANK, "proof": ErasureMethod.PROOF},
    ),
    HeldColumns(
        model=Letter,
        what=Text(et="Saabunud kirjad", en="Letters received"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_letters,
        columns={
            "envelope_from": BLANK, "recipients": BLANK, "raw": BLANK, "peer": BLANK, "reason": BLANK,
            "sender": BLANK, "subject": BLANK, "message_id": BLANK, "text": BLANK, "quoted": BLANK,
            "files": BLANK, "readings": BLANK, "resolution": BLANK,
        },
    ),
    HeldColumns(
        model=Message,
        what=Text(et="Saadetud kirjad", en="Mails sent"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_messages,
        columns={
            "to_name": NAME, "to_address": BLANK, "subject": BLANK, "body": BLANK, "calendar": BLANK,
            "in_reply_to": BLANK, "reference_ids": BLANK, "link_seed": BLANK, "error": BLANK, "facts": BLANK,
            "key": VOID,
        },
    ),
    HeldColumns(
        model=MessageFile,
        what=Text(et="Kirjadega saadetud tunnistused", en="Certificates sent with mails"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_with_their_mails(MessageFile.message_id),
        columns={"name": BLANK, "content": BLANK},
    ),
    HeldColumns(
        model=WrittenMail,
        what=Text(et="Koordinaatori enda kirjad ja mustandid", en="Coordinators' own mails and drafts"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_by(WrittenMail.author_id),
        columns={"subject": BLANK, "body": BLANK, "typed": BLANK},
    ),
    HeldColumns(
        model=WrittenFile,
        what=Text(et="Koordinaatori kirjadele lisatud failid", en="Files attached to coordinators' mails"),
        purpose=Purpose.LETTERS,
        keep=Keep.LETTERS,
        whose=_with_their_writing(WrittenFile.mail_id),
        columns={"name": BLANK, "content": BLANK, "sha256": BLANK},
    ),
    HeldColumns(
        model=CalendarFeed,
        what=Text(et="Kalendrilingid", en="Calendar links"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.WHILE_USED,
        whose=_by(CalendarFeed.person_id),
        columns={"token_hash": REMOVE},
    ),
    HeldColumns(
        model=Alert,
        what=Text(et="Teated koordinaatorile", en="What the coordinator was told"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=_by(Alert.person_id),
        columns={"says": ErasureMethod.WORDS, "key": VOID},
    ),
    HeldColumns(
        model=LatePass,
        what=Text(et="Load taotleda pärast tähtaega", en="Leaves to apply late"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        whose=lambda someone: sa.func.lower(LatePass.address).in_(someone.keys),
        columns={"address": BLANK, "secret": VOID, "why": BLANK},
    ),
    HeldColumns(
        model=Draft,
        what=Text(et="Pooleli taotlused", en="Applications begun"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.DRAFTS,
        since="expires_at",
        whose=lambda someone: Draft.address_key.in_(someone.keys),
        columns={
            "address": REMOVE, "address_key": REMOVE, "content": REMOVE, "secret_hash": REMOVE, "link_seed": REMOVE,
            "place": REMOVE,
        },
    ),
    HeldColumns(
        model=InfoSignup,
        what=Text(et="Infopäeva külalised", en="Guests of the info day"),
        purpose=Purpose.INFO_DAY,
        keep=Keep.GUESTS,
        whose=_by(InfoSignup.person_id),
        columns={"person_id": REMOVE, "at": REMOVE, "welcomed_at": REMOVE, "place": REMOVE},
    ),
    HeldColumns(
        model=Import,
        what=Text(et="Sissetoodud failide nimed", en="Names of files brought in"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.PEOPLE,
        columns={"file": BLANK},
    ),
    HeldColumns(
        model=ReportToken,
        what=Text(et="Aruannete lugemise võtmed", en="Tokens that read reports"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.SIGN_INS,
        since="ends_at",
        columns={"token_hash": REMOVE, "purpose": REMOVE, "place": REMOVE, "used_at": REMOVE},
    ),
    HeldColumns(
        model=SignIn,
        what=Text(et="Sisselogimise lingid", en="Sign-in links"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.SIGN_INS,
        since="expires_at",
        whose=_by(SignIn.person_id),
        columns={"token_hash": REMOVE, "used_at": REMOVE},
    ),
    HeldColumns(
        model=SignInRequest,
        what=Text(et="Sisselogimise soovid", en="Requests to sign in"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.SIGN_INS,
        since="at",
        whose=lambda someone: SignInRequest.address_key.in_(someone.keys),
        columns={"address_key": REMOVE, "then": REMOVE},
    ),
    HeldColumns(
        model=WebSession,
        what=Text(et="Sisse logitud brauserid", en="Signed-in browsers"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.SIGN_INS,
        since="seen_at",
        whose=_by(WebSession.person_id),
        columns={"token_hash": REMOVE, "browser": REMOVE, "place": REMOVE, "started_at": REMOVE, "seen_at": REMOVE},
    ),
    HeldColumns(
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
    HeldColumns(
        model=RecoveryCode,
        what=Text(et="Varukoodid", en="Recovery codes"),
        purpose=Purpose.SIGN_IN,
        keep=Keep.WHILE_USED,
        whose=_by(RecoveryCode.person_id),
        columns={"code_hash": REMOVE, "used_at": REMOVE},
    ),
    HeldColumns(
        model=Setting,
        what=Text(et="Teenuse enda väärtused", en="The service's own values"),
        purpose=Purpose.PROGRAMME,
        keep=Keep.WHILE_USED,
        columns={"value": KEPT},
    ),
)  # fmt: skip

PLAIN: Final[Mapping[str, str]] = {
    Team.__tablename__: "id name home lang state state_since version applied_at verified_at late_pass "
    "group_key wish_group rank provisional provisional_group left_from",
    Person.__tablename__: "id role key address_state lang team_id side part joined_at left_at",
    Alias.__tablename__: "id person_id kind at",
    Absence.__tablename__: "id person_id stand_in_id at",
    HandOver.__tablename__: "id from_id to_id at",
    StageSession.__tablename__: "id stage group_key starts_at ends_at place sequence timed cancelled_at",
    Question.__tablename__: "id key kind team_id stage group_key asked_at due_at closed_at outcome answered_by_id "
    "answered_via letter_id history_id",
    Addressee.__tablename__: "id question_id person_id",
    Invitation.__tablename__: "id team_id person_id stage sequence",
    Attendance.__tablename__: "id team_id person_id stage recorded_at recorded_by_id via replaces_id",
    Submission.__tablename__: "id team_id stage question_id person_id at status reviewed_by_id reviewed_at letter_id",
    File.__tablename__: "id submission_id media_type size mark",
    Reflection.__tablename__: "id team_id moment outcome",
    MessageFile.__tablename__: "id message_id media_type",
    Mentorship.__tablename__: "id team_id person_id stage since until",
    HoursRow.__tablename__: "id team_id stage person_id at about_id question_id",
    Extension.__tablename__: "id team_id stage until at",
    HistoryRow.__tablename__: "id team_id number at event from_state to_state person_id question_id letter_id "
    "undone_by_id salt seal hash erased",
    Letter.__tablename__: "id digest received_at via mailbox_key status priority attempt next_at leased_until outcome "
    "kind team_id person_id question_id resolved_at",
    Message.__tablename__: "id template lang person_id team_id question_id letter_id written_id history_id "
    "addressee_id calendar_method message_id auto_submitted status created_at next_at attempt tries broken "
    "leased_until sent_at edited_at fault",
    WrittenMail.__tablename__: "id name author_id audience leave_at created_at updated_at sent_at",
    WrittenFile.__tablename__: "id mail_id media_type size",
    CalendarFeed.__tablename__: "id person_id made_at ended_at",
    "duties": "id key kind due_at team_id question_id session_id about done_at outcome",
    Alert.__tablename__: "id kind team_id person_id about at settled_at mended_at",
    LatePass.__tablename__: "id until team_id",
    Draft.__tablename__: "id lang created_at updated_at expires_at mails mailed_at team_id",
    SentForm.__tablename__: "id form_hash browser_hash content_hash team_id at",
    InfoSignup.__tablename__: "id",
    Import.__tablename__: "id kind sha256 made left_out at by_id via mailed_at mailed_by_id",
    ReportToken.__tablename__: "id tables lang made_at made_by_id ends_at revoked_at",
    SignIn.__tablename__: "id person_id expires_at",
    SignInRequest.__tablename__: "id at",
    WebSession.__tablename__: "id person_id ended_at half",
    SecondFactor.__tablename__: "id person_id kind made_at",
    RecoveryCode.__tablename__: "id person_id made_at",
    "tries": "key since n",
    Setting.__tablename__: "key",
    "erasures": "id mark pseudonym at",
    "history_heads": "team_id number hash seal",
    "sealed_counts": "what number seal",
    "history_marks": "id mark at upto",
}
"""columns that say nothing of anybody; `key` of letters and the like is made of numbers"""


def unknown(metadata: sa.MetaData = Base.metadata) -> Iterator[str]:
    """Each column of which nothing is said, or that is said and does not exist: `table.column`."""
    said = {(held.table.name, column) for held in REGISTER for column in held.columns}
    said |= {(name, "seal") for name in BY_TABLE}
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
