"""Every route, every role: who is let in. The table is the promise; a route that is not in it fails.

`o` open · `s` shown the way to sign in · `x` refused, signed in as they are · `-` there is no such thing for anybody.
The identities: nobody; the cookie of a session that was ended; a link used and the second factor still to come; then
the four roles. What a secret in the path opens, it opens for everybody, and nothing else does.
"""


import pytest
import sqlalchemy as sa
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.web.access.test_gate import NoDemo
from tests.web.conftest import Browser, Pages, build
from tests.web.full_season import STRANGE_SECRET, Season, in_april, path
from web.access import gate, roles
from workflow.database.engine import Database
from workflow.database.models import Addressee, Mentorship, Person
from workflow.schedule import heartbeat

WHO = ("anon", "out", "half", "reader", "trainer", "mentor", "coordinator")
TABLE = """
    GET  /                                                      o o o  o o o o
    GET  /apply                                                 o o o  o o o o
    POST /apply                                                 o o o  o o o o
    GET  /apply/draft/<secret>                                  - - -  - - - -
    POST /apply/draft/<secret>                                  o o o  o o o o
    GET  /apply/received/<int:number>                           - - -  - - - -
    GET  /info-day                                              o o o  o o o o
    POST /info-day                                              o o o  o o o o
    GET  /info-day.ics                                          o o o  o o o o
    GET  /privacy                                               o o o  o o o o
    GET  /healthz                                               o o o  o o o o
    GET  /readyz                                                o o o  o o o o
    GET  /metrics                                               o o o  o o o o
    GET  /static/<path:filename>                                o o o  o o o o

    GET  /q/<secret>                                            o o o  o o o o
    POST /q/<secret>                                            o o o  o o o o
    GET  /q/<secret>/file/<int:number>                          o o o  o o o o
    GET  /me/<page>                                             o o o  o o o o
    POST /me/<page>                                             o o o  o o o o

    GET  /tables/<name>.csv                                     x x x  x x x x
    GET  /tables/<name>.json                                    x x x  x x x x
    GET  /tables/<secret>/<name>.csv                            - - -  - - - -
    GET  /tables/<secret>/<name>.json                           - - -  - - - -
    GET  /calendar/<secret>.ics                                 - - -  - - - -
    GET  /calendar                                              s s s  x o o o
    POST /calendar                                              s s s  x - - -
    POST /me/<page>/calendar                                    o o o  o o o o

    GET  /signin                                                o o o  o o o o
    POST /signin                                                o o o  o o o o
    GET  /signin/<token>                                        - - -  - - - -
    POST /signin/<token>                                        - - -  - - - -
    GET  /signin/second                                         s s o  o o o o
    POST /signin/second/code                                    s s o  o o o o
    POST /signin/second/passkey                                 s s o  o o o o
    GET  /signin/second/new                                     s s o  o o o o
    POST /signin/second/new/app                                 s s x  o o o o
    POST /signin/second/new/passkey                             s s x  o o o o
    POST /signout                                               o o o  o o o o
    GET  /sign-ins                                              s s s  o o o o
    POST /sign-ins/codes                                        s s s  o o o o
    POST /sign-ins/end                                          s s s  o o o o
    POST /sign-ins/factor/<int:factor_id>/remove                s s s  - - - o

    GET  /staff/trainer                                         s s s  x o x x
    GET  /staff/trainer/session/<int:session_id>                s s s  x o x x
    GET  /staff/trainer/session/<int:session_id>/sheet          s s s  x o x x
    GET  /staff/mentor                                          s s s  x x o x
    POST /staff/mentor/team/<int:team_id>/book                  s s s  x x o x

    GET  /office                                                s s s  o x x o
    GET  /office/board                                          s s s  o x x o
    GET  /office/calendar                                       s s s  o x x o
    GET  /office/calendar/<int:session_id>                      s s s  o x x o
    GET  /office/calendar/<int:session_id>/sheet                s s s  o x x o
    GET  /office/file/<int:file_id>                             s s s  o x x o
    GET  /office/inbox                                          s s s  o x x o
    GET  /office/letter/<int:letter_id>                         s s s  o x x o
    GET  /office/letter/<int:letter_id>/raw                     s s s  x x x o
    GET  /office/mails                                          s s s  o x x o
    GET  /office/mails/<template>                               s s s  o x x o
    GET  /office/mails/<template>/html                          s s s  o x x o
    GET  /office/mail-hold                                      s s s  x x x o
    GET  /office/mentoring                                      s s s  o x x o
    GET  /office/outbox                                         s s s  o x x o
    GET  /office/outbox/<int:message_id>                        s s s  o x x o
    GET  /office/outbox/<int:message_id>/calendar               s s s  x x x o
    GET  /office/outbox/<int:message_id>/file                   s s s  x x x o
    GET  /office/outbox/<int:message_id>/html                   s s s  o x x o
    GET  /office/people                                         s s s  o x x o
    GET  /office/import                                         s s s  x x x o
    GET  /office/import/<kind>.xlsx                             s s s  x x x o
    POST /office/import                                         s s s  x x x o
    POST /office/import/take                                    s s s  x x x o
    POST /office/import/<int:import_id>/mails                   s s s  x x x o
    GET  /office/duty                                           s s s  x x x o
    POST /office/duty/away                                      s s s  x x x o
    POST /office/duty/hand-over                                 s s s  x x x o
    GET  /office/people/<int:person_id>                         s s s  o x x o
    GET  /office/people/<int:person_id>/sign-ins                s s s  x x x o
    GET  /office/people/<int:person_id>/data.zip                s s s  x x x o
    GET  /office/people/<int:person_id>/forget                  s s s  x x x o
    GET  /office/question/<int:question_id>                     s s s  x x x o
    GET  /office/reports                                        s s s  o x x o
    GET  /office/reports/<name>.csv                             s s s  o x x o
    GET  /office/reports/tokens                                 s s s  x x x o
    POST /office/reports/tokens                                 s s s  x x x o
    POST /office/reports/tokens/<int:token_id>/revoke           s s s  x x x o
    GET  /office/reports/dossiers.zip                           s s s  o x x o
    GET  /office/reports/reflection                             s s s  o x x o
    GET  /office/team/<int:team_id>/dossier.zip                 s s s  o x x o
    GET  /office/reports/all.xlsx                               s s s  o x x o
    GET  /office/selection                                      s s s  o x x o
    GET  /office/selection/compare                              s s s  o x x o
    GET  /office/selection/apply                                s s s  x x x o
    GET  /office/team/<int:team_id>                             s s s  o x x o
    GET  /office/write                                          s s s  x x x o
    GET  /office/write/<int:mail_id>                            s s s  x x x o
    GET  /office/write/<int:mail_id>/answers.csv                s s s  x x x -
    GET  /office/write/<int:mail_id>/file/<int:file_id>         s s s  x x x o
    GET  /office/team/<int:team_id>/step/<trigger>              s s s  x x x o
    GET  /office/team/<int:team_id>/undo                        s s s  x x x o

    POST /office/alert/<int:alert_id>/settle                    s s s  x x x o
    POST /office/calendar/<int:session_id>                      s s s  x x x o
    POST /office/calendar/<int:session_id>/attendance           s s s  x x x o
    POST /office/calendar/<int:session_id>/cancel               s s s  x x x o
    POST /office/hours/<int:row_id>/correct                     s s s  x x x o
    POST /office/hours/<int:row_id>/settle                      s s s  x x x o
    POST /office/letter/<int:letter_id>/again                   s s s  x x x o
    POST /office/letter/<int:letter_id>/dismiss                 s s s  x x x o
    POST /office/letter/<int:letter_id>/own-address             s s s  x x x -
    POST /office/letter/<int:letter_id>/read                    s s s  x x x o
    POST /office/letter/<int:letter_id>/reply                   s s s  x x x o
    POST /office/mail-hold                                      s s s  x x x o
    POST /office/mail-hold/release                              s s s  x x x o
    POST /office/mentorship/<int:mentorship_id>/end             s s s  x x x o
    POST /office/outbox                                         s s s  x x x o
    POST /office/outbox/<int:message_id>                        s s s  x x x o
    POST /office/outbox/<int:message_id>/again                  s s s  x x x o
    POST /office/outbox/<int:message_id>/anew                   s s s  x x x o
    POST /office/outbox/<int:message_id>/edit                   s s s  x x x o
    POST /office/outbox/<int:message_id>/file                   s s s  x x x o
    POST /office/outbox/<int:message_id>/test                   s s s  x x x o
    POST /office/people/<int:person_id>/address                 s s s  x x x o
    POST /office/people/<int:person_id>/addresses/<int:alias_id>/remove   s s s  x x x -
    POST /office/people/<int:person_id>/details                 s s s  x x x o
    POST /office/people/<int:person_id>/forget                  s s s  x x x o
    POST /office/people/<int:person_id>/sign-ins/end            s s s  x x x o
    POST /office/people/<int:person_id>/sign-ins/reset          s s s  x x x o
    POST /office/reports/archive                                s s s  x x x o
    POST /office/question/<int:question_id>                     s s s  x x x o
    POST /office/selection                                      s s s  x x x o
    POST /office/selection/apply                                s s s  x x x o
    POST /office/selection/pass                                 s s s  x x x o
    POST /office/team/<int:team_id>/book                        s s s  x x x o
    POST /office/team/<int:team_id>/extend                      s s s  x x x o
    POST /office/team/<int:team_id>/members                     s s s  x x x o
    POST /office/team/<int:team_id>/members/<int:person_id>/appoint   s s s  x x x o
    POST /office/team/<int:team_id>/members/<int:person_id>/leave     s s s  x x x o
    POST /office/team/<int:team_id>/name                        s s s  x x x o
    POST /office/team/<int:team_id>/mentor                      s s s  x x x o
    POST /office/team/<int:team_id>/step/<trigger>              s s s  x x x o
    POST /office/team/<int:team_id>/undo                        s s s  x x x o
    POST /office/write                                          s s s  x x x o
    POST /office/write/<int:mail_id>                            s s s  x x x o
"""
DEMO = """
    GET  /demo
    POST /demo/clock
    GET  /demo/mails
    GET  /demo/mails/<int:number>
    GET  /demo/mails/<int:number>/html
    POST /demo/mails/<int:number>/reply
    GET  /demo/people
    POST /demo/people
    POST /demo/teams
"""
"""open to everybody in the demonstration; elsewhere there is no such thing"""
ONE_BY_ONE = {"/signout", "/sign-ins/end", "/office/people/<int:person_id>/sign-ins/end"}
"""these end sessions: each is tried in a browser of its own"""


def expected() -> dict[tuple[str, str], dict[str, str]]:
    lines = [line.split() for line in TABLE.splitlines() if line.strip()]
    assert all(len(line) == 2 + len(WHO) for line in lines)
    return {(method, rule): dict(zip(WHO, marks, strict=True)) for method, rule, *marks in lines}


def there_are(pages: Pages) -> dict[tuple[str, str], Rule]:
    return {
        (method, rule.rule): rule
        for rule in pages.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def let_in(answer: TestResponse) -> str:
    """What became of a request, as a letter of the table."""
    if answer.status_code == 303 and answer.headers["Location"].startswith(("/signin?", "/signin")):
        return "s" if not answer.headers["Location"].startswith("/signin/second") else "o"
    return {401: "x", 403: "x", 404: "-", 410: "-"}.get(answer.status_code, "o")


def ask(browser: Browser, method: str, where: str) -> TestResponse:
    answer = browser.get(where) if method == "GET" else browser.post(where)
    assert answer.status_code < 500, (method, where, answer.text[-2000:])
    return answer


@pytest.fixture
def season(sqlite_db: Database) -> Season:
    """One for each test: some of the routes change who may do what."""
    return in_april(build(sqlite_db))


def test_the_table_names_every_route_there_is(season: Season, sqlite_db: Database) -> None:
    demo = {tuple(line.split()) for line in DEMO.splitlines() if line.strip()}
    assert set(there_are(season.pages)) == set(expected())
    assert set(there_are(build(sqlite_db, demo=NoDemo))) == set(expected()) | demo
    assert len(expected()) > 80


def try_all(season: Season, who: str, *, closed: bool) -> int:
    """Go over the routes that the table closes to them, or opens. Returns how many there were."""
    table, known, values, tried = expected(), there_are(season.pages), season.values(), 0
    browser = season.visitor(who)
    browser.token()
    with season.pages.db.writing() as session:
        heartbeat.give(session, season.pages.world.now)  # somebody is at work, or the service would not be ready
    before = season.pages.digest()
    for (method, rule), marks in table.items():
        if (marks[who] == "o") is closed or rule in ONE_BY_ONE:
            continue
        answer = ask(browser, method, path(known[method, rule], values))
        assert let_in(answer) == marks[who], (who, method, rule, answer.status_code, answer.headers.get("Location"))
        assert answer.status_code in (200, 303) or method == "POST" or closed, (rule, answer.status_code)
        tried += 1
    assert not closed or season.pages.digest() == before
    return tried


def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(season: Season) -> None:
    for who in WHO:
        assert try_all(season, who, closed=True) > 5
    for who in WHO:
        assert try_all(season, who, closed=False) > 5


def test_what_ends_sessions_asks_too(season: Season) -> None:
    for rule in sorted(ONE_BY_ONE):
        for who in WHO:
            answer = ask(season.visitor(who), "POST", path(there_are(season.pages)["POST", rule], season.values()))
            assert let_in(answer) == expected()["POST", rule][who], (rule, who)


def test_a_secret_opens_its_own_door_and_a_guessed_one_none(season: Season) -> None:
    browser, values = season.pages.browser(), season.values()
    assert browser.get(f"/q/{values['secret']}").status_code == 200
    for secret in (STRANGE_SECRET, values["secret"][:-1], values["secret"] + "a", "x" * 15, "%00" * 20):
        for where in (f"/q/{secret}", f"/q/{secret}/file/1"):
            assert browser.get(where).status_code == 404
            assert browser.post(f"/q/{secret}").status_code == 404
    guessed = {browser.get(f"/q/{season.pages.world.season.secret()}").text for _ in range(200)}
    assert len({page.replace("/q/", "") for page in guessed}) <= len(guessed)


def test_another_teams_file_is_behind_another_door(season: Season) -> None:
    pages = season.pages
    mine, other = (pages.door("homework", team=crew.id) for crew in (season.mine, season.other))
    browser = pages.browser()
    assert [browser.get(f"{mine}/file/{n}").status_code for n in (1, 2, 99)] == [200, 404, 404]
    assert [browser.get(f"{other}/file/{n}").status_code for n in (1, 2)] == [404, 200]


def test_mentors_and_trainers_reach_their_own_teams_only(season: Season) -> None:
    pages, mentor = season.pages, season.visitor("mentor")
    with pages.db.writing() as session:
        second = Person(
            role="mentor", key="teine", name="Teine Mentor", address="m2@example.org", address_key="m2@example.org",
            lang="et", joined_at=pages.world.now,
        )  # fmt: skip
        session.add(second)
        session.flush()
        session.add(
            Mentorship(team_id=season.other.id, person_id=second.id, stage="mentoring", since=pages.world.now)
        )
    page = mentor.get("/staff/mentor").text
    assert "Võru" in page and "Kose" not in page
    before = pages.digest()
    assert mentor.post(f"/staff/mentor/team/{season.other.id}/book", {"minutes": "60"}).status_code == 404
    assert mentor.post("/staff/mentor/team/999/book").status_code == 404
    assert pages.digest() == before
    for who in ("mentor", "trainer"):
        known = season.visitor(who)
        for where in (f"/office/team/{season.mine.id}", "/office/file/1", "/office/people/1", "/office/letter/1"):
            assert known.get(where).status_code == 403


def test_readers_see_the_office_without_a_button_or_a_secret(season: Season) -> None:
    reader, values = season.visitor("reader"), season.values()
    own, seen = {"/signout", "/sign-ins/end", "/sign-ins/codes", "/signin/second"}, 0
    known = [a.secret for a in _addressees(season)]
    for (method, rule), marks in expected().items():
        if method == "GET" and rule.startswith("/office") and marks["reader"] == "o":
            answer = reader.get(path(there_are(season.pages)[method, rule], values))
            if answer.mimetype != "text/html":
                continue
            page = answer.text
            posts = [f.partition('action="')[2].partition('"')[0] for f in page.split("<form")[1:] if "post" in f[:90]]
            assert set(posts) <= own, (rule, posts)
            assert not any(secret in page for secret in known), rule
            seen += 1
    assert seen > 15
    coordinator = season.visitor("coordinator")
    today = (reader.get("/office?lang=en").text, coordinator.get("/office?lang=en").text)
    assert "Waiting for you" in today[1] and "Waiting for you" not in today[0], "what a reader cannot do"
    assert "Waiting for the coordinators" in today[0]
    both = (reader.get("/office/outbox").text, coordinator.get("/office/outbox").text)
    assert "<form method=\"post\"" in both[1] and both[1].count("<form") > both[0].count("<form")


def _addressees(season: Season) -> list[Addressee]:
    with season.pages.db.reading() as session:
        return list(session.scalars(sa.select(Addressee)))


def test_a_view_that_does_not_say_who_may_see_it_keeps_the_pages_from_starting(season: Season) -> None:
    app = build(season.pages.db).app
    app.view_functions["office.today"] = lambda: "secrets"
    with pytest.raises(roles.Undeclared, match=r"office\.today"):
        gate.check(app)
    assert app.test_client().get("/office").status_code == 303
