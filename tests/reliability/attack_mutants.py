"""Remedies of docs/security/attack.md undone, one a mutant, each with the test that must notice.

Whoever adds a row there adds its mutant here.
"""

from typing import Final

from tests.reliability.mutant import Edit, Mutant

SECRETS: Final = "tests/web/access/test_secrets.py::"
DOORS: Final = "tests/web/access/test_doors.py::"
LIMITS: Final = "tests/mail/limited_reading/test_limits.py::"
QUOTA: Final = "tests/mail/receiving/test_letter_quota.py::"
ROUTES: Final = "tests/mail/handling/test_routes.py::"
PAGES: Final = "tests/service/running/test_pages_server.py::"
GATE: Final = "tests/web/access/test_gate.py::"
CAPS: Final = "tests/web/access/test_mail_quota.py::"
FAIR: Final = "tests/mail/receiving/test_fair_share.py::"
PRIVATE: Final = "tests/service/test_private_files.py::"
EVIDENCE: Final = "tests/workflow/audit/test_evidence.py::"

ATTACKS = (
    Mutant(
        name="A1 bodies of mails hold the real links",
        harness=SECRETS + "test_no_search_tells_whether_a_secret_begins_so",
        edits=(Edit("mail/composing/compose.py", '"body": rendered.body,\n',
                    '"body": markup.filled(rendered.body, mine.secret) if mine else rendered.body,\n'),),
    ),
    Mutant(
        name="A1 a coordinator decides behind a secret link",
        harness=DOORS + "test_no_kind_of_question_lets_a_coordinator_decide_by_mail_or_behind_a_secret",
        edits=(Edit("workflow/rules/doors.py", "    return door in POWER or not",
                    "    return door in POWER or door is Door.LINK or not"),),
    ),
    Mutant(
        name="A2 a letter may take as long as it likes",
        harness=LIMITS + "test_a_letter_over_the_limit_is_parked_at_once_with_its_reason",
        edits=(Edit("mail/limited_reading/process.py", "            signal.setitimer(signal.ITIMER_PROF, seconds)\n",
                    "            signal.setitimer(signal.ITIMER_PROF, 60 * seconds)\n"),),
    ),
    Mutant(
        name="A2 a tag may have any number of attributes",
        harness="tests/mail/reading/test_fuzz.py::"
        "test_many_of_one_thing_takes_no_long_and_what_is_cut_away_is_named",
        edits=(Edit("mail/reading/html.py", "ATTRIBUTES_CAP: Final = 200\n", "ATTRIBUTES_CAP: Final = 200_000\n"),),
    ),
    Mutant(
        name="A3 named members are written to before the contact confirms",
        harness=CAPS + "test_whatever_happens_before_the_contact_confirms_nobody_else_is_written_to",
        edits=(Edit("workflow/journey/moves.py", "    verifying.ask(season, session, team.id, now)\n",
                    "    verifying.ask(season, session, team.id, now)\n"
                    "    members.ask_consents(season, session, team, now)\n"),),
    ),
    Mutant(
        name="A3 mails that forms cause are not counted",
        harness=CAPS + "test_what_is_over_a_cap_is_kept_and_its_mail_leaves_by_itself_once",
        edits=(Edit("workflow/records/first_mails.py", "    if later is None:\n", "    if later is None or True:\n"),),
    ),
    Mutant(
        name="A4 what a pass knew when its commit failed is dropped",
        harness="tests/mail/sending/test_one_in_hand.py::test_whichever_commit_fails_no_mail_goes_out_twice",
        edits=(Edit("mail/sending/outbox.py", "    results: Unsettled = [] if unsettled is None else unsettled\n",
                    "    results: Unsettled = []\n"),),
    ),
    Mutant(
        name="A5 whoever has a Message-ID of ours is believed",
        harness=ROUTES + "test_what_a_letter_may_do_by_its_way_its_proof_and_the_config",
        edits=(Edit("mail/handling/route.py", "        return to_us and self.opened.verdict is sender.Verdict.PASS and "
                    "sender.signed(self.opened.head, *_THREAD)\n", "        return to_us\n"),),
    ),
    Mutant(
        name="A6 a report that came to any address is believed",
        harness=ROUTES + "test_what_a_report_may_do_by_where_it_came_to_and_what_it_names",
        edits=(Edit("mail/handling/bounce_effects.py", "    if signed is None or not _from_nobody(row, opened):\n",
                    "    if not _from_nobody(row, opened):\n"),),
    ),
    Mutant(
        name="A7 secrets are looked for as they were written alone",
        harness="tests/workflow/records/test_masking.py::test_a_secret_is_found_however_it_is_coded_and_broken",
        edits=(Edit("workflow/security/spelled_secrets.py", "        sign = chr(int(found[1], 16)) if found[1] else "
                    "found[0]\n", "        sign = found[0]\n"),),
    ),
    Mutant(
        name="A8 lists are left out for readers",
        harness=SECRETS + "test_readers_see_the_same_lists_and_no_control",
        edits=(Edit("workflow/views/mail.py", "    return paged(session, query, page=chosen.page, size=PAGE)\n\n\n"
                    "def _seen()", "    from web.access.roles import can_act\n\n"
                    "    query = query if can_act() else query.where(sa.false())\n"
                    "    return paged(session, query, page=chosen.page, size=PAGE)\n\n\ndef _seen()"),),
    ),
    Mutant(
        name="A9 the version that a step rests on is not looked at",
        harness=EVIDENCE + "test_what_is_done_to_evidence_is_named",
        edits=(Edit("workflow/audit/verify.py", "    if step is None or erased > erasures(made):\n",
                    "    if True:\n"),),
    ),
    Mutant(
        name="A9 whatever was erased once is never compared again",
        harness=EVIDENCE + "test_versions_of_a_row_sealed_after_an_erasure_are_told_apart",
        edits=(Edit("workflow/audit/verify.py", "    if step is None or erased > erasures(made):\n",
                    "    if step is None or erased:\n"),),
    ),
    Mutant(
        name="A10 letters of strangers have no quota",
        harness=QUOTA + "test_in_all_a_day_then_452_at_the_recipient_and_the_next_day_again",
        edits=(
            Edit("mail/receiving/letter_quota.py", "            return any(\n", "            return False and any(\n"),
        ),
    ),
    Mutant(
        name="A11 half-sent requests are never closed for others",
        harness=PAGES + "test_six_hundred_half_sent_requests_do_not_close_the_pages",
        edits=(Edit("service/running/pages_server.py", "            self._make_room(CONNECTIONS)\n",
                    "            pass\n"),),
    ),
    Mutant(
        name="A12 what a clock that was ahead postponed stays postponed",
        harness="tests/workflow/schedule/test_clock_ahead.py::"
        "test_what_was_queued_and_leased_by_a_clock_that_was_ahead_goes_when_it_is_right",
        edits=(Edit("workflow/schedule/clock_ahead.py", '            (late, {"next_at": now}),\n', ""),),
    ),
    Mutant(
        name="A13 postmaster and abuse are no addresses",
        harness=QUOTA + "test_postmaster_and_abuse_are_taken_and_shown",
        edits=(Edit("mail/receiving/recipients.py", 'ROLES: Final = ("postmaster", "abuse")\n',
                    "ROLES: Final[tuple[str, ...]] = ()\n"),),
    ),
    Mutant(
        name="A13 STARTTLS is not offered",
        harness="tests/mail/receiving/test_starttls.py::test_a_letter_comes_in_over_tls",
        edits=(Edit("mail/receiving/smtp_server.py",
                    "            tls_context=house.certificate.context() if house.certificate else None,\n",
                    "            tls_context=None,\n"),),
    ),
    Mutant(
        name="A13 a number in a path may be of any size",
        harness=GATE + "test_numbers_of_no_row_are_not_found_on_either_database",
        edits=(Edit("web/access/paths.py", "        super().__init__(rules, max=LARGEST_ROW)\n",
                    "        super().__init__(rules)\n"),
               Edit("web/access/paths.py", '    regex = "[0-9]{1,10}"\n', '    regex = "[0-9]+"\n')),
    ),
    Mutant(
        name="A13 an Origin is compared by its host",
        harness=GATE + "test_an_origin_is_compared_whole",
        edits=(Edit("web/access/csrf.py",
                    "    return origin in {origin_of(request.host_url), origin_of(here().settings.base_url)}\n",
                    "    return urlsplit(origin).hostname in {urlsplit(request.host_url).hostname, "
                    "urlsplit(here().settings.base_url).hostname}\n"),),
    ),
    Mutant(
        name="A13 full-width signs begin no formula",
        harness="tests/web/office/records/test_tables.py::test_what_somebody_typed_never_becomes_a_formula",
        edits=(Edit("web/office/records/spreadsheet.py", ', "\\uff1d", "\\uff0b", "\\uff0d", "\\uff20")', ")"),),
    ),
    Mutant(
        name="A13 files are made as the machine likes",
        harness="tests/service/test_damaged_database.py::"
        "test_what_is_written_is_its_owners_alone_in_a_folder_of_others_too",
        edits=(Edit("teekond.py", "    os.umask(0o077)", "    os.umask(0o022)"),),
    ),
    Mutant(
        name="A13 no descriptor left stops the loop and is logged each time",
        harness=PAGES + "test_spent_descriptors_stop_the_pages_only_while_none_is_free_and_fill_no_log",
        edits=(Edit("service/running/pages_server.py", "            if error.errno not in NO_DESCRIPTOR:\n"
                    "                raise\n            self._pause()\n            return None\n",
                    '            log.error("no file descriptor: %s", error)\n            return None\n'),),
    ),
    Mutant(
        name="A14 a connection that brings no letter stays",
        harness=FAIR + "test_connections_that_bring_no_letter_give_way_and_those_that_came_just_now_do_not",
        edits=(Edit("mail/receiving/smtp_policy.py", "        first = self._gives_way(self._inside)\n",
                    "        first = None\n"),),
    ),
    Mutant(
        name="A14 a letter that never ends keeps its memory from others",
        harness=FAIR + "test_letters_that_do_not_end_hold_neither_connections_nor_memory_from_others",
        edits=(Edit("mail/receiving/smtp_policy.py", "            first = self._gives_way(large) or mine\n",
                    "            first = mine\n"),),
    ),
    Mutant(
        name="A15 bodies of forms may take all the disk",
        harness=PAGES + "test_bodies_that_come_in_have_their_room_and_the_fullest_place_gives_way",
        edits=(Edit("service/running/pages_server.py", "        while sum(one.standing for one in waiting) > BODIES:\n",
                    "        while False:\n"),),
    ),
    Mutant(
        name="A15 the queue of the pages is logged",
        harness=PAGES + "test_many_requests_at_once_fill_no_log",
        edits=(Edit("service/running/pages_server.py", '("waitress.queue").setLevel(logging.ERROR)',
                    '("waitress.queue")'),),
    ),
    Mutant(
        name="A16 answers have no quota",
        harness=QUOTA + "test_one_question_takes_so_much_a_day_from_a_place_and_in_all_and_others_go_on",
        edits=(Edit("mail/receiving/letter_quota.py",
                    "                rate_counts.within(connection, self._key(who), DAY, now) * KIB < most\n",
                    "                most > 0\n"),),
    ),
    Mutant(
        name="A16 a small letter counts as what it has",
        harness=QUOTA + "test_small_letters_of_strangers_have_a_number",
        edits=(Edit("mail/receiving/letter_quota.py", "max(size, self.most.least))\n",
                    "size)\n"),),
    ),
    Mutant(
        name="A17 large letters keep their turn",
        harness=LIMITS + "test_letters_to_secret_addresses_go_before_those_that_anybody_may_write",
        edits=(Edit("mail/receiving/store.py", " if len(arrival.raw) <= SMALL else Priority.LARGE\n", "\n"),),
    ),
    Mutant(
        name="A18 forms hand their views secrets",
        harness=SECRETS + "test_no_view_gets_a_secret_that_somebody_typed_into_a_form",
        edits=(Edit("web/access/gate.py", "    app.before_request(typed_secrets.take_out)\n",
                    ""),),
    ),
    Mutant(
        name="A19 what root makes stays root's",
        harness=PRIVATE + "test_what_root_writes_in_somebodys_folder_is_theirs_and_nobody_elses",
        edits=(Edit("workflow/database/private_files.py", "    if os.geteuid() == 0:\n",
                    "    if os.geteuid() < 0:\n"),),
    ),
    Mutant(
        name="A19 two change a file at once",
        harness=PRIVATE + "test_of_many_who_are_erased_at_once_none_is_lost_from_the_list",
        edits=(Edit("workflow/database/private_files.py", "        fcntl.flock(descriptor, fcntl.LOCK_EX)\n",
                    ""),),
    ),
)  # fmt: skip
