"""ORM models: each class is one table; a row is a fact, and what happened is never overwritten.

`teams.state` is assigned in `workflow/journey/moves.py` alone. A row's `seal` is a keyed digest over the columns that
`workflow/records/row_seals.py` names. Times are aware UTC moments; durations are
whole minutes. Must never hold behaviour: rules live in the pure modules, reads in `workflow.records.queries`.
"""

from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from workflow.database.engine import UTCDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime, dict[str, Any]: sa.JSON, list[Any]: sa.JSON}


class Team(Base):
    """A team that applied and travels. `version` grows with each transition: two at once cannot both win."""

    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(200))
    home: Mapped[str] = mapped_column(sa.String(200), default="")
    """where it comes from, in the applicant's words; empty where the programme does not ask"""
    lang: Mapped[str] = mapped_column(sa.String(2))
    state: Mapped[str] = mapped_column(sa.String(60), index=True)
    state_since: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    late_pass: Mapped[bool] = mapped_column(default=False)
    group: Mapped[str | None] = mapped_column("group_key", sa.String(20))
    wish_group: Mapped[str | None] = mapped_column(sa.String(20))
    rank: Mapped[int | None]
    provisional: Mapped[str | None] = mapped_column(sa.String(20))
    """a decision nobody outside sees until "apply all": select, waitlist or decline"""
    provisional_group: Mapped[str | None] = mapped_column(sa.String(20))
    left_from: Mapped[str | None] = mapped_column(sa.String(60))
    """the state it was in when it went out; `reinstate` leads back there"""
    application: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """answers to the programme's own application questions, by their keys"""
    note: Mapped[str] = mapped_column(sa.Text, default="")
    people: Mapped[list["Person"]] = relationship(back_populates="team", order_by="Person.id")


class Person(Base):
    """A name and an address: a member of a team, a trainer, a mentor, a coordinator."""

    __tablename__ = "people"
    __table_args__ = (Index(None, "role", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    role: Mapped[str] = mapped_column(sa.String(20))
    key: Mapped[str | None] = mapped_column(sa.String(60))
    """the key in config.toml of trainers, mentors and coordinators"""
    name: Mapped[str] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(254))
    address_key: Mapped[str] = mapped_column(sa.String(254), index=True)
    """the address as compared: lower case, the domain in ASCII"""
    address_state: Mapped[str] = mapped_column(sa.String(20), default="ok")
    address_note: Mapped[str] = mapped_column(sa.Text, default="")
    lang: Mapped[str] = mapped_column(sa.String(2))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    side: Mapped[str | None] = mapped_column(sa.String(20))
    """the key of a kind of members; none where the programme has no kinds"""
    part: Mapped[str | None] = mapped_column(sa.String(20))
    """contact, deputy or member"""
    post: Mapped[str] = mapped_column(sa.String(200), default="")
    """what they do at home: "arendusspetsialist", "külavanem" """
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    team: Mapped[Team | None] = relationship(back_populates="people")


class Alias(Base):
    """A name or an address beside those in the person's own row: of before, or theirs too. What others wrote of them is
    found by it when they are erased."""

    __tablename__ = "aliases"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    """see `workflow.codes.AliasKind`"""
    value: Mapped[str] = mapped_column(sa.String(254))
    key: Mapped[str] = mapped_column(sa.String(254), index=True)
    """of an address: as compared, like `people.address_key`; of a name: empty"""
    at: Mapped[datetime]
    person: Mapped[Person] = relationship()


class Absence(Base):
    """A coordinator is away until the morning of a day; their last row counts."""

    __tablename__ = "absences"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    until: Mapped[date] = mapped_column(sa.Date)
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class HandOver(Base):
    """One coordinator gave the season into the hands of another; the last row says whose it is."""

    __tablename__ = "hand_overs"
    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime]
    giver: Mapped[Person] = relationship(foreign_keys=[from_id])


class StageSession(Base):
    """One session of a stage: where and when a group meets. `sequence` grows each time it moves."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("stage", "group_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(sa.String(60))
    group: Mapped[str] = mapped_column("group_key", sa.String(20))
    """a group's key, or `*` where all groups meet together"""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """the place by language"""
    sequence: Mapped[int] = mapped_column(default=0)
    timed: Mapped[int] = mapped_column(default=0, server_default="0")
    """its `sequence` when its time last changed: a calendar's answer to an older one says nothing of this time"""
    cancelled_at: Mapped[datetime | None]


class Question(Base):
    """What the service asked and waits for. A reply and a form are two doors to this row."""

    __tablename__ = "questions"
    __table_args__ = (Index(None, "closed_at", "due_at"), Index(None, "team_id", "stage", "kind"))
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    stage: Mapped[str | None] = mapped_column(sa.String(60))
    group: Mapped[str | None] = mapped_column("group_key", sa.String(20))
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """what exactly is asked: a submission's id, a trigger, a month, ledger entries"""
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    """the answer's kind, or `expired` or `dropped`"""
    answer: Mapped[dict[str, Any] | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_via: Mapped[str | None] = mapped_column(sa.String(20))
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
    history_id: Mapped[int | None] = mapped_column(ForeignKey("history.id", use_alter=True), index=True)
    """the transition that opened it; undo drops it again"""
    team: Mapped[Team | None] = relationship()
    answered_by: Mapped[Person | None] = relationship()
    addressees: Mapped[list["Addressee"]] = relationship(back_populates="question", order_by="Addressee.id")


class Addressee(Base):
    """One person a question was put to, with a secret address of their own."""

    __tablename__ = "addressees"
    __table_args__ = (UniqueConstraint("question_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    secret: Mapped[str] = mapped_column(sa.String(60), unique=True)
    """lower-case letters and digits, at least 128 bits"""
    question: Mapped[Question] = relationship(back_populates="addressees")
    person: Mapped[Person] = relationship()


class Invitation(Base):
    """One member's invitation to one session, and what they said beforehand."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("person_id", "stage"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    stage: Mapped[str] = mapped_column(sa.String(60))
    expected: Mapped[str | None] = mapped_column(sa.String(10))
    """yes, no or maybe"""
    sequence: Mapped[int] = mapped_column(default=0)
    """grows when this person's invitation alone changes; added to the session's own"""


class Attendance(Base):
    """Whether one member was at one session: append-only. A correction is a new row that names the one it replaces;
    which one stands is asked of `workflow/records/attendance.py`."""

    __tablename__ = "attendance"
    __table_args__ = (
        Index(
            "uq_attendance_first", "person_id", "stage", unique=True,
            sqlite_where=sa.text("replaces_id IS NULL"), postgresql_where=sa.text("replaces_id IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    stage: Mapped[str] = mapped_column(sa.String(60))
    present: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    via: Mapped[str] = mapped_column(sa.String(20))
    """the door it came by: see `workflow/rules/doors.py`"""
    why: Mapped[str] = mapped_column(sa.Text, default="")
    """of a correction: the reason"""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"), unique=True)
    """of a correction: the row that stood before"""
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    recorded_by: Mapped[Person | None] = relationship(foreign_keys=[recorded_by_id])


class Submission(Base):
    """Work handed in: homework, the plan, the pilot's results, the presentation."""

    __tablename__ = "submissions"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    stage: Mapped[str] = mapped_column(sa.String(60))
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(sa.String(20))
    """handed_in, accepted or returned"""
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reviewed_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
    files: Mapped[list["File"]] = relationship(order_by="File.id")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class File(Base):
    """A file of a submission. Its name is a label only; nothing on disk is ever called so."""

    __tablename__ = "files"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    mark: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")
    """why it should be opened with care: see `workflow/rules/file_types.py`"""
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


class Reflection(Base):
    """How a member rates themselves on one learning outcome, at the start or at the end. Never shown by name; whose it
    was is forgotten with the person, the rating stays."""

    __tablename__ = "reflections"
    __table_args__ = (UniqueConstraint("question_id", "outcome"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    moment: Mapped[str] = mapped_column(sa.String(10))
    """start or end"""
    outcome: Mapped[str] = mapped_column(sa.String(20))
    """know_1, know_2 …, can_1 …: its number in the config"""
    rating: Mapped[int]


class Mentorship(Base):
    """A mentor at a team's side."""

    __tablename__ = "mentorships"
    __table_args__ = (UniqueConstraint("team_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    stage: Mapped[str] = mapped_column(sa.String(60))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class HoursRow(Base):
    """One entry of the mentoring ledger. Entries are added, never changed: see `workflow/rules/hours.py`."""

    __tablename__ = "hours"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    stage: Mapped[str] = mapped_column(sa.String(60))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    """the mentor, or the coordinator where more hours were granted"""
    kind: Mapped[str] = mapped_column(sa.String(20))
    minutes: Mapped[int]
    day: Mapped[date | None] = mapped_column(sa.Date)
    month: Mapped[str] = mapped_column(sa.String(7))
    """`2022-07`: the month in which it counts, whether or not its day is known"""
    note: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime]
    about_id: Mapped[int | None] = mapped_column(ForeignKey("hours.id"))
    """the entry that this one confirms, corrects or settles"""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    person: Mapped[Person] = relationship()


class Extension(Base):
    """One team's later due date for one stage's work."""

    __tablename__ = "extensions"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    stage: Mapped[str] = mapped_column(sa.String(60))
    until: Mapped[datetime]
    why: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]


class HistoryRow(Base):
    """What happened to a team: append-only. `proof` holds what the step rests on."""

    __tablename__ = "history"
    __table_args__ = (UniqueConstraint("team_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(sa.String(40))
    """a trigger, `undo`, or another fact of the team's life (applied, replaced, extended, answered …)"""
    from_state: Mapped[str | None] = mapped_column(sa.String(60))
    to_state: Mapped[str | None] = mapped_column(sa.String(60))
    actor: Mapped[str] = mapped_column(sa.String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    why: Mapped[str] = mapped_column(sa.Text, default="")
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"))
    salt: Mapped[str | None] = mapped_column(sa.String(32))
    """forgotten when who and why are erased: see `workflow/security/chain.py`"""
    erased: Mapped[str | None] = mapped_column(sa.String(64))
    """of a row that was erased: a keyed digest over what is left, for its seal says nothing any more"""
    seal: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    hash: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    team: Mapped[Team] = relationship()


class HistoryHead(Base):
    """Where a team's history ends: the newest row's number and hash, sealed, so that its end cannot be cut off."""

    __tablename__ = "history_heads"
    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    seal: Mapped[str] = mapped_column(sa.String(64))


class SealedCount(Base):
    """How many rows of a kind there are, sealed: one that is deleted behind the service's back is missed."""

    __tablename__ = "sealed_counts"
    what: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    number: Mapped[int]
    seal: Mapped[str] = mapped_column(sa.String(64))


class HistoryMark(Base):
    """All histories as they stood at a moment, in one digest that the coordinators were mailed: a witness elsewhere."""

    __tablename__ = "history_marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(64), unique=True)
    at: Mapped[datetime]
    upto: Mapped[dict[str, Any]]
    """each team's newest number, and how many rows of other kinds there were at least"""


class Letter(Base):
    """An incoming mail: raw bytes and envelope first, what was read from it afterwards."""

    __tablename__ = "letters"
    __table_args__ = (Index(None, "status", "priority", "next_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """over envelope, Message-ID and body: the same letter delivered twice is stored once"""
    received_at: Mapped[datetime]
    via: Mapped[str] = mapped_column(sa.String(10))
    peer: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    """the network address it came from; for a mailbox, its server"""
    envelope_from: Mapped[str] = mapped_column(sa.String(320))
    recipients: Mapped[list[Any]]
    raw: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    mailbox_key: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    """what it is found again by in the mailbox that it was fetched from; empty where no copy is there (any more)"""
    status: Mapped[str] = mapped_column(sa.String(10), default="new")
    """new, done, held (waits for the coordinator) or parked (could not be handled)"""
    priority: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default="0")
    """0 is handled before 1: letters to secret addresses before those that anybody may write"""
    attempt: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(30))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    kind: Mapped[str | None] = mapped_column(sa.String(20))
    sender: Mapped[str] = mapped_column(sa.String(320), default="")
    subject: Mapped[str] = mapped_column(sa.String(500), default="")
    message_id: Mapped[str] = mapped_column(sa.String(500), default="", index=True)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    quoted: Mapped[str] = mapped_column(sa.Text, default="")
    files: Mapped[list[Any] | None]
    """name, media_type and size of each attached file, as read; null where it was not read"""
    readings: Mapped[list[Any]] = mapped_column(default=list)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id", use_alter=True), index=True)
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str] = mapped_column(sa.Text, default="")


class WrittenMail(Base):
    """A coordinator's own mail to people: a draft until `sent_at`; each recipient's own mail is then a message."""

    __tablename__ = "written_mails"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    """made with its form, so that a form sent twice is one mail"""
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """whom it is for: see `workflow/coordinator/audience.py`"""
    subject: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """by language, as typed"""
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """by language, as typed"""
    typed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """its other fields, as typed: when it leaves, the question that goes with it"""
    leave_at: Mapped[datetime | None]
    """not before; null: at once"""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    """when a coordinator said that it goes"""
    author: Mapped[Person] = relationship()
    files: Mapped[list["WrittenFile"]] = relationship(order_by="WrittenFile.id", cascade="all, delete-orphan")


class WrittenFile(Base):
    """A file that a coordinator attached to a mail of their own: kept once, however many it goes to."""

    __tablename__ = "written_files"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    mail_id: Mapped[int] = mapped_column(ForeignKey("written_mails.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


class CalendarFeed(Base):
    """A secret address from which somebody's calendar program fetches their sessions, until it is ended."""

    __tablename__ = "calendar_feeds"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class Message(Base):
    """An outgoing mail, rendered when queued: what will be said can be seen before it is said."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "status", "next_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    """one per cause and addressee: the same cause never mails twice"""
    template: Mapped[str] = mapped_column(sa.String(40))
    lang: Mapped[str] = mapped_column(sa.String(2))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
    written_id: Mapped[int | None] = mapped_column(ForeignKey("written_mails.id"), index=True)
    """the coordinator's own mail to many that it is one of"""
    history_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"), index=True)
    """the transition that caused it; undo finds it so"""
    addressee_id: Mapped[int | None] = mapped_column(ForeignKey("addressees.id"), index=True)
    """whose secret address replies go to, and whose link stands in it: filled in when its bytes are built"""
    link_seed: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    """of a mail with a link that is no question's: what its secret is made from, see
    `workflow/security/own_links.py`"""
    to_name: Mapped[str] = mapped_column(sa.String(200))
    to_address: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(500))
    body: Mapped[str] = mapped_column(sa.Text)
    """the one source of text and HTML, its values already filled in and harmless, but for secrets"""
    calendar: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    calendar_method: Mapped[str | None] = mapped_column(sa.String(10))
    message_id: Mapped[str] = mapped_column(sa.String(200), unique=True)
    in_reply_to: Mapped[str] = mapped_column(sa.String(500), default="")
    references: Mapped[str] = mapped_column("reference_ids", sa.Text, default="")
    auto_submitted: Mapped[str] = mapped_column(sa.String(20), default="auto-generated")
    status: Mapped[str] = mapped_column(sa.String(10))
    """queued, held, sending, sent, uncertain, failed, bounced or dropped"""
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """how often it was refused for now, or lost on its way; a relay that takes nothing is not counted"""
    broken: Mapped[int] = mapped_column(default=0, server_default="0")
    """how many attempts in a row ended without a result: the worker did not live to tell"""
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")
    """why the service itself holds it or gave it up (`DeliveryFault`)"""
    error: Mapped[str] = mapped_column(sa.Text, default="")
    """what a mail server said last"""
    facts: Mapped[dict[str, Any] | None]
    """what its words were made of, so that a mended template can say them anew; see `mail/composing/stored_facts.py`"""
    edited_at: Mapped[datetime | None]
    """when somebody changed its words by hand"""
    files: Mapped[list["MessageFile"]] = relationship(order_by="MessageFile.id", cascade="all, delete-orphan")
    """what goes with it, beside a calendar file; only mails that enclose something have any"""
    written: Mapped["WrittenMail | None"] = relationship()
    """whose files go with it, too"""
    addressee: Mapped["Addressee | None"] = relationship()
    doors: Mapped[list["Addressee"]] = relationship(
        primaryjoin="foreign(Addressee.person_id) == Message.person_id", viewonly=True, uselist=True
    )
    """of every question put to its person: a calendar file or a link names some"""


class MessageFile(Base):
    """A file that goes with a mail: made by the service itself, never by anybody outside."""

    __tablename__ = "message_files"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Duty(Base):
    """Something the calendar makes due, once: the key is its cause."""

    __tablename__ = "duties"
    __table_args__ = (Index(None, "done_at", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    due_at: Mapped[datetime]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    """done, late (skipped, hopelessly late) or void (nobody owes it any more)"""


class Alert(Base):
    """Something the coordinator must know: quorum lost, an address that bounces, a place that ran out."""

    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """the rows that it speaks of beside team and person, by what they are (question, letter, message, hours, session),
    and what else tells whether it still holds (`workflow/schedule/alert_checks.py`)"""
    says: Mapped[dict[str, Any]]
    """the sentence by language"""
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """when a person said that it is seen to"""
    mended_at: Mapped[datetime | None]
    """when what it is about was seen to be no longer so"""

    @classmethod
    def standing(cls) -> sa.ColumnElement[bool]:
        """Those that still wait for the coordinator."""
        return sa.and_(cls.settled_at.is_(None), cls.mended_at.is_(None))


class LatePass(Base):
    """A coordinator's leave to apply after the deadline."""

    __tablename__ = "late_passes"
    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str] = mapped_column(sa.String(60), unique=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    why: Mapped[str] = mapped_column(sa.Text, default="")
    until: Mapped[datetime]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))


class Draft(Base):
    """An application begun and kept: whoever has the secret of its link continues it, in any browser."""

    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    address_key: Mapped[str] = mapped_column(sa.String(254), index=True)
    link_seed: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    """what the link's secret is made from; empty of a draft begun before links were made so"""
    lang: Mapped[str] = mapped_column(sa.String(2))
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """what was typed, whatever is wrong with it; emptied when the application is sent"""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mails: Mapped[int] = mapped_column(default=0)
    mailed_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """the network address that wished for the mail with the link, until that leaves"""
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    """what became of it"""


class SentForm(Base):
    """A form of an application that was taken in: sent again it finds what came of it the first time."""

    __tablename__ = "sent_forms"
    id: Mapped[int] = mapped_column(primary_key=True)
    form_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    browser_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    at: Mapped[datetime]


class InfoSignup(Base):
    """A guest of the info day. Guests are people of the role `guest`."""

    __tablename__ = "info_signups"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    at: Mapped[datetime]
    welcomed_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """the network address that it came from, until the mail that confirms it leaves"""
    person: Mapped[Person] = relationship()


class Import(Base):
    """Rows of a sheet that a coordinator brought in, in one act. `made`: the numbers of the teams, or of the guests'
    rows, that came of it."""

    __tablename__ = "imports"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(20))
    """see `workflow.codes.ImportKind`"""
    file: Mapped[str] = mapped_column(sa.String(200))
    """its name, a label only"""
    sha256: Mapped[str] = mapped_column(sa.String(64))
    """of its bytes: who still has the file can show that it is the one"""
    made: Mapped[list[Any]]
    left_out: Mapped[int]
    """rows with faults, and those here already"""
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    via: Mapped[str] = mapped_column(sa.String(20))
    mailed_at: Mapped[datetime | None]
    """when a coordinator let their first mails go"""
    mailed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])


class ReportToken(Base):
    """A secret by which another program reads the reports' tables: kept as a digest, for one purpose, until a day."""

    __tablename__ = "report_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    purpose: Mapped[str] = mapped_column(sa.String(200))
    tables: Mapped[str] = mapped_column(sa.String(200))
    """the keys of the tables that it opens, with spaces between them"""
    lang: Mapped[str] = mapped_column(sa.String(2))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    """the network address that used it last"""
    made_by: Mapped[Person | None] = relationship()


class SignIn(Base):
    """A sign-in link: works once, for ten minutes (an hour where many were asked for), in a browser that asked."""

    __tablename__ = "sign_ins"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInRequest(Base):
    """Somebody asked for a sign-in link: the worker mails one if the address is known, and forgets the row."""

    __tablename__ = "sign_in_requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(sa.String(254))
    then: Mapped[str] = mapped_column(sa.String(320), default="")
    """the path to go on to"""
    at: Mapped[datetime]


class WebSession(Base):
    """A signed-in browser; kept here, so that signing out really ends it."""

    __tablename__ = "web_sessions"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    half: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """the link was good, and the second factor is still to come: opens nothing but that page"""
    browser: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    """the program and the system, as people call them"""
    place: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    """the network address it began from"""
    person: Mapped[Person] = relationship()


class SecondFactor(Base):
    """What somebody has beside their mailbox: an app that shows codes, or a passkey."""

    __tablename__ = "second_factors"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    """totp or passkey"""
    label: Mapped[str] = mapped_column(sa.String(60))
    seed: Mapped[str] = mapped_column(sa.String(64), default="")
    """of an app from before `sealed`: its secret is made from this and the service's first key"""
    sealed: Mapped[str | None] = mapped_column(sa.String(300))
    """of an app: the secret that makes its codes, sealed with the service's key"""
    last_step: Mapped[int] = mapped_column(default=0)
    """of an app: the half minute of the last code taken; no code is taken twice"""
    credential_id: Mapped[str | None] = mapped_column(sa.String(1400), unique=True)
    public_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code on paper for when the second factor is lost: kept as a digest, good once."""

    __tablename__ = "recovery_codes"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Tries(Base):
    """How often something was tried within the present window, counted for all processes together."""

    __tablename__ = "tries"
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """a digest of what and who: no address stands here"""
    since: Mapped[datetime] = mapped_column(index=True)
    n: Mapped[int]


class Setting(Base):
    """A few values of the running service itself: the demo's clock, the season's beginning."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)


class Erasure(Base):
    """Somebody was forgotten: kept so that a restored backup forgets them again. Their address stands here as a
    keyed hash alone."""

    __tablename__ = "erasures"
    id: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[str | None] = mapped_column(sa.String(64))
    mark: Mapped[str] = mapped_column(sa.String(64), index=True)
    pseudonym: Mapped[str] = mapped_column(sa.String(60))
    at: Mapped[datetime]
