"""Ways to break the source, each with the harness that must notice. A patch that no longer applies is an error.

Whoever writes a harness adds its mutants here. Each makes a mistake that somebody could make: nothing is changed only
so that a test fails.
"""

from tests.reliability.attack_mutants import ATTACKS
from tests.reliability.mutant import Edit, Mutant

BEFORE_THE_COMMIT = (
    Edit(
        "mail/receiving/store_thread.py",
        "        return asyncio.get_running_loop().run_in_executor(self._thread, self._keep, arrival)\n",
        "        self._thread.submit(lambda: (__import__('time').sleep(0.05), self._keep(arrival)))\n"
        "        said: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()\n"
        "        said.set_result(None)\n        return said\n",
    ),
)
OWN_TRANSACTIONS = Edit(
    "workflow/database/engine.py",
    "        with self._write() as session, session.begin():\n            yield session\n",
    "        with self._write() as session:\n            try:\n                yield session\n"
    "                session.commit()\n            except BaseException:\n                session.rollback()\n"
    "                raise\n",
)
"""the same as before, but a commit in the middle is not refused"""

MIGRATION_KILLED = (
    "tests/workflow/database/test_migrations_killed.py::test_killed_at_any_of_fifty_points_the_books_are_old_or_new"
)

MUTANTS = (
    Mutant(name="250 before the commit", harness="kill", edits=BEFORE_THE_COMMIT),
    Mutant(name="250 before the commit, under mixed load", harness="soak", edits=BEFORE_THE_COMMIT),
    Mutant(name="250 before the letter is on the disk", harness="fsync", edits=BEFORE_THE_COMMIT, quick=True),
    Mutant(
        name="commits that do not wait for the disk",
        harness="fsync",
        edits=(Edit("workflow/database/engine.py", '"synchronous=FULL"', '"synchronous=OFF"'),),
    ),
    Mutant(
        name="the disk is waited for only when the log is written back",
        harness="fsync",
        edits=(Edit("workflow/database/engine.py", '"synchronous=FULL"', '"synchronous=NORMAL"'),),
    ),
    Mutant(
        name="a letter is stored as often as it comes",
        harness="kill",
        edits=(Edit("mail/receiving/store.py", '"digest": digest(arrival)', '"digest": __import__("uuid").uuid4().hex'),),
    ),
    Mutant(
        name="a transaction that writes begins as one that reads",
        harness="kill",
        edits=(Edit("workflow/database/engine.py", '"BEGIN" if read_only else "BEGIN IMMEDIATE"', '"BEGIN"'),),
    ),
    Mutant(
        name="our own faults refuse a letter for good",
        harness="faults",
        edits=(Edit("mail/receiving/smtp_policy.py", 'OUR_FAULT = "451 4.3.0', 'OUR_FAULT = "554 5.3.0'),),
    ),
    Mutant(
        name="the answer is committed before its mails",
        harness="faults",
        edits=(
            OWN_TRANSACTIONS,
            Edit("mail/composing/compose.py", "    notify.ring(session)\n", "    session.commit()\n    notify.ring(session)\n"),
        ),
    ),
    Mutant(
        name="a letter is marked done in a transaction of its own",
        harness="faults",
        edits=(
            Edit("mail/handling/inbox.py", '            row.status = LetterStatus.HELD if outcome in HELD else LetterStatus.DONE\n'
                 "            row.outcome, row.leased_until = outcome, None\n",
                 "        with db.writing() as session:\n"
                 '            values = {"outcome": outcome, "status": "held" if outcome in HELD else "done"}\n'
                 "            session.execute(sa.update(Letter).where(Letter.id == mine.id)"
                 ".values(leased_until=None, **values))\n"),
        ),
    ),
    Mutant(
        name="history is committed before what it tells of",
        harness="faults",
        edits=(
            OWN_TRANSACTIONS,
            Edit("workflow/records/history.py", "(head, Head(row.number, row.hash))})\n",
                 "(head, Head(row.number, row.hash))})\n    session.commit()\n"),
        ),
    ),
    Mutant(
        name="a mail is marked sent before it is sent",
        harness="faults",
        edits=(Edit("mail/sending/queue.py", '            status=MessageStatus.SENDING,\n', '            status=MessageStatus.SENT,\n'),),
    ),
    Mutant(
        name="a duty is marked done before it is performed",
        harness="faults",
        edits=(
            Edit("workflow/schedule/tick.py",
                 "    for handled, duty_id in enumerate(due, 1):\n        with db.writing() as session:\n",
                 "    for handled, duty_id in enumerate(due, 1):\n        with db.writing() as session:\n"
                 "            session.execute(sa.update(Duty).where(Duty.id == duty_id).values(done_at=now))\n"
                 "        with db.writing() as session:\n"),
            Edit("workflow/schedule/tick.py", "(Duty.id == duty_id, Duty.done_at.is_(None))", "(Duty.id == duty_id)"),
        ),
    ),
    Mutant(
        name="a letter that failed is given up at once",
        harness="faults",
        edits=(Edit("mail/receiving/store.py", "    if letter.attempt % MOST_ATTEMPTS == 0:\n        return settle",
                    "    if letter.attempt >= 1:\n        return settle"),),
    ),
    Mutant(
        name="a letter's lease has no fence",
        harness="leases",
        edits=(Edit("mail/receiving/store.py", 'Letter.id == letter.id, Letter.attempt == letter.attempt, Letter.status == LetterStatus.NEW',
                    "Letter.id == letter.id"),),
    ),
    Mutant(
        name="a mail's lease has no fence",
        harness="leases",
        edits=(Edit("mail/sending/results.py",
                    '        table.c.attempt == sa.bindparam("mine"),\n'
                    '        table.c.status == MessageStatus.SENDING,\n',
                    '        sa.bindparam("mine", type_=sa.Integer) >= 0,\n'),),
    ),
    Mutant(
        name="a letter that kills its worker is tried for ever",
        harness="leases",
        edits=(Edit("mail/receiving/store.py", "_DUE.where(Letter.attempt > 0, Letter.attempt % MOST_ATTEMPTS == 0)",
                    "_DUE.where(Letter.attempt >= 99)"),),
    ),
    Mutant(
        name="many write, and each begins as one that reads",
        harness="races",
        edits=(Edit("workflow/database/engine.py", '"BEGIN" if read_only else "BEGIN IMMEDIATE"', '"BEGIN"'),),
    ),
    Mutant(
        name="an answered question is answered again",
        harness="races",
        edits=(Edit("workflow/answering/submit.py", "    if question.closed_at is not None:\n        return _closed(given)\n",
                    ""),),
    ),
    Mutant(
        name="a step is undone though it is not the last",
        harness="races",
        edits=(Edit("workflow/journey/moves.py", "    if last is None or last.id != row.id or team.state != row.to_state:\n",
                    "    if False:\n"),),
    ),
    Mutant(
        name="a place is given without counting those that are taken",
        harness="races",
        edits=(Edit("workflow/journey/moves.py", "    places = season.machine.touches_places(trigger, team.state)\n",
                    "    places = False\n"),),
    ),
    Mutant(
        name="nobody counts the answers of an hour",
        harness="storms",
        edits=(Edit("mail/composing/threads.py", '        or said["hour"] >= limits.automatic_mails_per_hour\n', ""),),
    ),
    Mutant(
        name="return addresses are believed without their seal",
        harness="storms",
        edits=(Edit("mail/reading/automatic/bounces.py",
                    "return key if signed else None", "return key"),),
    ),
    Mutant(
        name="the thread of a letter is proof enough whatever the config says",
        harness="tests/mail/handling/test_routes.py::test_what_a_letter_may_do_by_its_way_its_proof_and_the_config",
        edits=(Edit("mail/handling/route.py", "if self.identity.addresses is Addresses.THREAD:", "if True:"),),
    ),
    Mutant(
        name="a signature vouches for a thread that it leaves out",
        harness="tests/mail/handling/test_routes.py::test_what_a_letter_may_do_by_its_way_its_proof_and_the_config",
        edits=(Edit("mail/handling/route.py", " and sender.signed(self.opened.head, *_THREAD)", ""),),
    ),
    Mutant(
        name="a report is believed wherever it came to",
        harness="tests/mail/handling/test_routes.py::test_what_a_report_may_do_by_where_it_came_to_and_what_it_names",
        edits=(Edit("mail/handling/bounce_effects.py", "if signed is None or not _from_nobody(row, opened):",
                    "if not _from_nobody(row, opened):"),),
    ),
    Mutant(
        name="automatic replies are answered",
        harness="storms",
        edits=(
            Edit("mail/handling/route.py", "        if self.read.kind is LetterKind.AUTOMATIC:\n", "        if False:\n"),
        ),
    ),
    Mutant(
        name="every reminder missed is sent afterwards",
        harness="outages",
        edits=(Edit("workflow/schedule/tick.py", " or _superseded(session, duty, now)", ""),),
    ),
    Mutant(
        name="a letter that finds no room is refused for good",
        harness="outages",
        edits=(Edit("mail/receiving/smtp_policy.py", "return NO_ROOM if isinstance(outcome, StorageFull) else OUR_FAULT",
                    "return TOO_LARGE"),),
    ),
    Mutant(
        name="a relay that is away is asked all the time",
        harness="outages",
        edits=(Edit("mail/sending/outbox.py", "            relay_pause.begin(session, outcome.says, self.now)\n",
                    "            pass\n"),),
    ),
    Mutant(
        name="a mail that the relay did not take loses its place",
        harness="outages",
        edits=(Edit("mail/sending/results.py", '        return {"status": MessageStatus.QUEUED}\n',
                    '        at = now + delay(mail.attempt)\n'
                    '        return {"status": MessageStatus.QUEUED, "next_at": at}\n'
                    ),),
    ),
    Mutant(
        name="a job that failed is not tried again",
        harness="bad_disk",
        edits=(Edit("service/running/worker.py",
                    '            log.exception("%s failed; trying again", job.name)\n            return 0\n',
                    "            raise\n"),),
    ),
    Mutant(
        name="a mail whose fate is unknown is sent again at once",
        harness="outages",
        edits=(Edit("mail/sending/results.py", "UNCERTAIN_DELAY = timedelta(minutes=15)",
                    "UNCERTAIN_DELAY = timedelta(minutes=1)"),),
    ),
    Mutant(
        name="what the relay has taken is forgotten when the commit fails",
        harness="faults",
        edits=(Edit("mail/sending/outbox.py", "results: Unsettled = [] if unsettled is None else unsettled\n",
                    "results: Unsettled = []\n"),),
    ),
    Mutant(name="250 before the commit, over PostgreSQL", harness="kill_postgresql", edits=BEFORE_THE_COMMIT),
    Mutant(
        name="the database's server does not look after its connections",
        harness="machines",
        edits=(
            Edit("workflow/database/engine.py",
                 '    + " ".join(f"-c tcp_{name}={value}" for name, value in KEEPALIVE.items())\n'
                 '    + f" -c tcp_user_timeout={GONE_AFTER}",\n', '    "",\n'),
        ),
    ),
    Mutant(
        name="a letter is settled when it is taken",
        harness="machines",
        edits=(
            Edit("mail/receiving/store.py", 'leased_until=sa.bindparam("until")).returning(',
                 'leased_until=sa.bindparam("until"), status=LetterStatus.DONE).returning('),
            Edit("mail/handling/inbox.py", 'Letter.attempt == mine.attempt, Letter.status == LetterStatus.NEW',
                 'Letter.attempt == mine.attempt, Letter.status == LetterStatus.DONE'),
        ),
    ),
    # rows of the list of threats that a test shows
    Mutant(
        name="a page keeps its transaction until it has been sent (E10)",
        harness="tests/web/front/test_slow_clients.py::test_a_page_held_open_lets_the_log_stay_small",
        edits=(
            Edit("web/office/mail/inbox.py",
                 "    with here().db.reading() as session:\n        letter = found(session.get(Letter, letter_id))\n"
                 '        return handed_out(f"kiri-{letter.id}.eml", letter.raw, what="letter", number=letter.id)\n',
                 "    kept = here().db.reading()\n    letter = found(kept.__enter__().get(Letter, letter_id))\n"
                 '    answer = handed_out(f"kiri-{letter.id}.eml", letter.raw, what="letter", number=letter.id)\n'
                 "    answer.call_on_close(lambda: kept.__exit__(None, None, None))\n"
                 "    pieces = range(0, len(letter.raw), 65536)\n"
                 "    answer.response = (letter.raw[at : at + 65536] for at in pieces)\n    return answer\n"),
        ),
    ),
    Mutant(
        name="the log stays as large as it ever was (E10)",
        harness="tests/web/front/test_slow_clients.py::test_a_log_that_a_long_reader_made_grow_shrinks_behind_it",
        edits=(Edit("workflow/database/engine.py", '        f"journal_size_limit={LOG_LEFT}",\n', ""),),
    ),
    Mutant(
        name="each migration is committed by itself (E16)",
        harness=MIGRATION_KILLED,
        edits=(Edit("workflow/database/migrations/env.py", "        transactional_ddl=True,\n",
                    "        transactional_ddl=True,\n        transaction_per_migration=True,\n"),
               Edit("workflow/database/engine.py", '        config.attributes["connection"] = connection\n',
                    '        config.attributes["connection"] = connection.execution_options('
                    'isolation_level="AUTOCOMMIT")\n')),
        quick=True,
    ),
    Mutant(
        name="migrations are in no transaction (E16)",
        harness=MIGRATION_KILLED,
        edits=(Edit("workflow/database/engine.py",
                    '    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")\n',
                    '    if "alembic" not in __import__("sys").modules:\n'
                    '        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")\n'),),
    ),
    Mutant(
        name="a morning comes a whole day after the one before (E12)",
        harness="tests/workflow/rules/test_duties.py::"
        "test_over_ten_years_of_clocks_each_morning_and_each_reminder_comes_once",
        edits=(Edit("workflow/rules/duties.py", "at if at > now else at_hour(now, 1, hour, tz)",
                    "at if at > now else now + timedelta(days=1)"),),
    ),
    Mutant(
        name="only addresses that are known are written down (D8)",
        harness="tests/web/access/test_rate_limits.py::test_known_and_unknown_take_the_same_work_and_the_same_time",
        edits=(Edit("web/sign_in/link.py", "    with here().db.writing() as session:\n        session.add(asked)\n",
                    "    with here().db.writing() as session:\n        if sessions.of_address(session, key):\n"
                    "            session.add(asked)\n"),),
    ),
    Mutant(
        name="a connection that brought a large letter is used again, with the letter",
        harness="memory",
        edits=(Edit("workflow/database/engine.py", "        connection.detach()\n", "        pass\n"),),
    ),
    Mutant(
        name="a known address is looked up more slowly, by the same statements (D8)",
        harness="tests/web/access/test_rate_limits.py::test_known_and_unknown_take_the_same_work_and_the_same_time",
        edits=(Edit("web/sign_in/link.py", '    event("link asked")\n',
                    '    event("link asked")\n    if key in {one.address for one in here().programme.coordinators}:\n'
                    '        __import__("hashlib").pbkdf2_hmac("sha256", b"", b"", 2000)\n'),),
    ),
    Mutant(
        name="every address over IPv6 is a place of its own (D9)",
        harness="tests/web/sign_in/test_oidc.py::test_ways_to_the_directory_are_few_a_minute_from_one_place",
        edits=(Edit("web/sign_in/oidc.py", '    gate.count(rate_limits.DIRECTORY, "signin")\n',
                    '    gate.count(rate_limits.Limit(f"directory{__import__(\'flask\').request.remote_addr}", 20, '
                    'rate_limits.DIRECTORY.window), "signin")\n'),),
    ),
    Mutant(
        name="a change of a second step is told to its person alone (6.3.7)",
        harness="tests/web/sign_in/test_second_step.py::"
        "test_a_stranger_with_the_mailbox_sets_up_a_second_step_and_the_other_coordinators_hear_of_it",
        edits=(Edit("workflow/sign_in/second_factors.py", "if roles & WATCHED else []", "if roles > WATCHED else []"),),
    ),
    *ATTACKS,
)  # fmt: skip
