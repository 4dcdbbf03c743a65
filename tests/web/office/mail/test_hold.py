"""Emergency stop on the pages: one button on Today, a list before mail is let go, and everybody who watches is told."""

import pytest

from service.doctor import checks
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import send
from tests.web.conftest import Pages
from tests.web.office_season import COORDINATOR, at_the_desk


@pytest.mark.parametrize(
    ("lang", "stop", "held"),
    [("et", "Peata kõik kirjad", "Kõik kirjad on peatatud"), ("en", "Hold all mail", "All mail is held")],
)
def test_one_button_on_today_holds_all_mail_and_a_list_comes_before_letting_go(
    pages: Pages, lang: str, stop: str, held: str
) -> None:
    world = pages.world
    world.apply("Võru")
    desk = at_the_desk(pages)
    assert stop in desk.get("/office", lang) and held not in desk.get("/office", lang)
    desk.send("/office/mail-hold")
    assert held in desk.get("/office", lang)
    answer = pages.browser().get("/readyz").json
    assert answer["mail"].startswith("all mail is held since")
    finding = checks.mail_hold(world.db)
    assert finding is not None and not finding.well
    with Relay() as relay:
        send(world.db, relay, world.now)
        assert relay.tried == [COORDINATOR], "the link to sign in with, and nothing else"
        listed = desk.get("/office/mail-hold", lang)
        queued = [m for m in world.messages() if m.status == "queued" and m.template != "sign_in"]
        assert queued and all(f'value="{m.template}"' in listed for m in queued)
        assert any(m.to_name in listed for m in queued)
        desk.send("/office/mail-hold/release", drop="verify")
        assert held not in desk.get("/office", lang)
        send(world.db, relay, world.now)
    assert {m.status for m in world.messages("verify")} == {"dropped"}
    assert checks.mail_hold(world.db) is None


def test_a_single_mail_that_waits_can_be_left_out(pages: Pages) -> None:
    pages.world.apply("Võru")
    desk, mail = at_the_desk(pages), pages.world.messages("verify")[0]
    desk.send("/office/mail-hold")
    desk.send("/office/outbox", do="drop", mail=mail.id)
    assert pages.world.messages("verify")[0].status == "dropped"
