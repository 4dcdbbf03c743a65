"""Ways to break the source, each with the harness that must notice. A patch that no longer applies is an error.

Whoever writes a harness adds its mutants here. Each makes a mistake that somebody could make: nothing is changed only
so that a test fails.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` stands exactly once in the file."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`harness`: the module that must fail. `quick`: tried in every run of the tests."""

    name: str
    harness: str
    edits: tuple[Edit, ...]
    quick: bool = False


BEFORE_THE_COMMIT = (
    Edit(
        "mail/group_commit.py",
        "        outcome = self._try(group)\n        if outcome is None",
        "        _tell(group, None)\n        __import__('time').sleep(0.05)\n        outcome = self._try(group)\n"
        "        if outcome is None",
    ),
)
OWN_TRANSACTIONS = Edit(
    "workflow/database.py",
    "        with self._write() as session, session.begin():\n            yield session\n",
    "        with self._write() as session:\n            yield session\n            session.commit()\n",
)
"""the same as before, but a commit in the middle is not refused"""

MUTANTS = (
    Mutant(name="250 before the commit", harness="kill", edits=BEFORE_THE_COMMIT),
    Mutant(name="250 before the letter is on the disk", harness="fsync", edits=BEFORE_THE_COMMIT, quick=True),
    Mutant(
        name="commits that do not wait for the disk",
        harness="fsync",
        edits=(Edit("workflow/database.py", '"synchronous=FULL"', '"synchronous=OFF"'),),
        quick=True,
    ),
    Mutant(
        name="a letter is stored as often as it comes",
        harness="kill",
        edits=(Edit("mail/store.py", '"digest": digest(arrival)', '"digest": __import__("uuid").uuid4().hex'),),
    ),
    Mutant(
        name="a transaction that writes begins as one that reads",
        harness="kill",
        edits=(Edit("workflow/database.py", '"BEGIN" if read_only else "BEGIN IMMEDIATE"', '"BEGIN"'),),
    ),
    Mutant(
        name="our own faults refuse a letter for good",
        harness="faults",
        edits=(Edit("mail/reception.py", 'OUR_FAULT = "451 4.3.0', 'OUR_FAULT = "554 5.3.0'),),
    ),
    Mutant(
        name="the answer is committed before its mails",
        harness="faults",
        edits=(
            OWN_TRANSACTIONS,
            Edit("mail/inbox.py", "        waiting.write()\n",
                 "        session.flush()\n        waiting._write_history()\n"
                 "        held, waiting._messages = waiting._messages, {}\n        session.commit()\n"
                 "        waiting._messages = held\n        waiting.write()\n"),
        ),
    ),
    Mutant(
        name="a letter is marked done in a transaction of its own",
        harness="faults",
        edits=(
            Edit("mail/inbox.py", '        row.status = "held" if outcome in HELD else "done"\n'
                 "        row.outcome, row.leased_until = outcome, None\n",
                 '        desk.session.info.setdefault("ends", []).append((row.id, outcome))\n'),
            Edit("mail/inbox.py", "                    self._handle_one(desk, row, opened[row.id], now)\n\n",
                 "                    self._handle_one(desk, row, opened[row.id], now)\n"
                 '            ends = session.info.pop("ends", [])\n'
                 "        with db.writing() as session:\n"
                 "            for number, outcome in ends:\n"
                 '                values = {"outcome": outcome, "status": "held" if outcome in HELD else "done"}\n'
                 "                session.execute(sa.update(Letter).where(Letter.id == number)"
                 ".values(leased_until=None, **values))\n\n"),
        ),
    ),
    Mutant(
        name="history is written outside of the transaction",
        harness="faults",
        edits=(
            Edit("workflow/database.py", '"foreign_keys=ON"', '"foreign_keys=OFF"'),
            Edit("workflow/pending.py", "            self._session.connection().execute(sa.insert(HistoryRow), rows)\n",
                 "            bind = self._session.get_bind()\n\n"
                 "            def later(_session: Session) -> None:\n"
                 "                with bind.begin() as connection:\n"
                 "                    connection.execute(sa.insert(HistoryRow), rows)\n\n"
                 '            event.listen(self._session, "after_commit", later, once=True)\n'),
        ),
    ),
    Mutant(
        name="a mail is marked sent before it is sent",
        harness="faults",
        edits=(Edit("mail/claims.py", 'status="sending", attempt=Message.attempt + 1',
                    'status="sent", attempt=Message.attempt + 1'),),
    ),
    Mutant(
        name="a duty is marked done before it is performed",
        harness="faults",
        edits=(
            Edit("workflow/calendar.py",
                 "    for handled, duty_id in enumerate(due, 1):\n        with db.writing() as session:\n",
                 "    for handled, duty_id in enumerate(due, 1):\n        with db.writing() as session:\n"
                 "            session.execute(sa.update(Duty).where(Duty.id == duty_id).values(done_at=now))\n"
                 "        with db.writing() as session:\n"),
            Edit("workflow/calendar.py", "(Duty.id == duty_id, Duty.done_at.is_(None))", "(Duty.id == duty_id)"),
        ),
    ),
    Mutant(
        name="a letter that failed is given up at once",
        harness="faults",
        edits=(Edit("mail/store.py", "    if letter.attempt % MOST_ATTEMPTS == 0:\n        return settle",
                    "    if letter.attempt >= 1:\n        return settle"),),
    ),
    Mutant(
        name="a letter's lease has no fence",
        harness="leases",
        edits=(Edit("mail/store.py", 'Letter.id == letter.id, Letter.attempt == letter.attempt, Letter.status == "new"',
                    "Letter.id == letter.id"),),
    ),
    Mutant(
        name="a mail's lease has no fence",
        harness="leases",
        edits=(Edit("mail/settling.py",
                    '            Message.attempt == sa.bindparam("mine"),\n            Message.status == "sending",\n',
                    '            sa.bindparam("mine", type_=sa.Integer) >= 0,\n'),),
    ),
    Mutant(
        name="a letter that kills its worker is tried for ever",
        harness="leases",
        edits=(Edit("mail/store.py", "broken = _due(now).where(spent)",
                    "broken = _due(now).where(Letter.attempt >= 99)"),),
    ),
    Mutant(
        name="many write, and each begins as one that reads",
        harness="races",
        edits=(Edit("workflow/database.py", '"BEGIN" if read_only else "BEGIN IMMEDIATE"', '"BEGIN"'),),
    ),
    Mutant(
        name="an answered question is answered again",
        harness="races",
        edits=(Edit("workflow/answering.py", "    if question.closed_at is not None:\n        return _closed(given)\n",
                    ""),),
    ),
    Mutant(
        name="a step is undone though it is not the last",
        harness="races",
        edits=(Edit("workflow/journey.py", "    if last is None or last.id != row.id or team.state != row.to_state:\n",
                    "    if False:\n"),),
    ),
    Mutant(
        name="a place is given without counting those that are taken",
        harness="races",
        edits=(Edit("workflow/journey.py", "    places = season.machine.touches_places(trigger, team.state)\n",
                    "    places = False\n"),),
    ),
    Mutant(
        name="nobody counts the answers of an hour",
        harness="storms",
        edits=(Edit("mail/threads.py", '        or said["hour"] >= limits.automatic_mails_per_hour\n', ""),),
    ),
    Mutant(
        name="return addresses are believed without their seal",
        harness="storms",
        edits=(Edit("mail/bounces.py",
                    "return key if signed else None", "return key"),),
    ),
    Mutant(
        name="automatic replies are answered",
        harness="storms",
        edits=(
            Edit("mail/handling.py", "        if self.read.kind is LetterKind.AUTOMATIC:\n", "        if False:\n"),
        ),
    ),
    Mutant(
        name="every reminder missed is sent afterwards",
        harness="outages",
        edits=(Edit("workflow/calendar.py", " or _superseded(session, duty, now)", ""),),
    ),
    Mutant(
        name="a letter that finds no room is refused for good",
        harness="outages",
        edits=(Edit("mail/reception.py", "return NO_ROOM if isinstance(outcome, StorageFull) else OUR_FAULT",
                    "return TOO_LARGE"),),
    ),
    Mutant(
        name="a relay that is away is asked all the time",
        harness="outages",
        edits=(Edit("mail/outbox.py", "            relay_pause.begin(session, self.results[-1][1].says, self.now)\n",
                    "            pass\n"),),
    ),
    Mutant(
        name="a mail that the relay did not take loses its place",
        harness="outages",
        edits=(Edit("mail/settling.py", '        return {"status": "queued", "error": outcome.says}\n',
                    '        at = now + delay(mail.attempt)\n'
                    '        return {"status": "queued", "error": outcome.says, "next_at": at}\n'
                    ),),
    ),
    Mutant(
        name="a mail whose fate is unknown is sent again at once",
        harness="outages",
        edits=(Edit("mail/settling.py", "UNCERTAIN_DELAY = timedelta(minutes=15)",
                    "UNCERTAIN_DELAY = timedelta(minutes=1)"),),
    ),
    Mutant(
        name="what the relay has taken is not noted",
        harness="kill",
        edits=(Edit("mail/outbox.py", "            self._note(mail)\n", ""),),
    ),
)  # fmt: skip
