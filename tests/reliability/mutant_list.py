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
        edits=(Edit("mail/outbox.py", '            status="sending",\n            attempt=',
                    '            status="sent",\n            attempt='),),
    ),
    Mutant(
        name="a duty is marked done before it is performed",
        harness="faults",
        edits=(OWN_TRANSACTIONS, Edit("workflow/calendar.py", "    duty.done_at = now\n    if hopeless",
                                      "    duty.done_at = now\n    session.commit()\n    if hopeless")),
    ),
    Mutant(
        name="a letter that failed is given up at once",
        harness="faults",
        edits=(Edit("mail/store.py", "    if letter.attempt >= MOST_ATTEMPTS:\n        return settle",
                    "    if letter.attempt >= 1:\n        return settle"),),
    ),
)  # fmt: skip
