"""Second factors of a person: whether one is asked for, whether what was given is right, and setting up new ones."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

from web.access import cookies, sessions, user_agents
from web.context import here
from web.sign_in import passkeys, recovery_codes, sealed_secrets, totp
from workflow.config.settings import SecondFactorPolicy as Wanted
from workflow.database.models import Person, SecondFactor
from workflow.sign_in import second_factors

MOST: Final = 10
"""that one human may have"""


def asked_of(session: Session, person: Person) -> bool:
    """Whether a link is not enough for this person. The demonstration never asks."""
    if here().demo is not None:
        return False
    people = second_factors.rows_of(session, person)
    return must(session, person) or bool(second_factors.of(session, people))


def must(session: Session, person: Person) -> bool:
    """Whether they have to have one."""
    wanted = here().settings.web.second_factor
    if wanted is not Wanted.REQUIRED:
        return wanted is Wanted.EVERYONE
    return any(one.role in sessions.OFFICE for one in sessions.of_address(session, person.address_key))


def tell(session: Session, person: Person, change: str, cause: str) -> None:
    """Mails what was just changed in this browser; see `workflow.sign_in.second_factors.tell`."""
    browser = user_agents.named(request.user_agent.string)
    second_factors.tell(here().season, session, person, change, cause, here().now(), browser=browser)


# -- an app's codes -----------------------------------------------------------------------------------------------


def offered(factors: Sequence[SecondFactor]) -> list[str]:
    """The secret of the app that would be set up next in this session: the same until it is. Those that older keys
    make follow: the page may have been shown before the key was changed."""
    about = f"seed:{sessions.token()}:{len(factors)}"
    return [sealed_secrets.made_from(cookies.signed(about, key), key) for key in here().keys.believed]


def add_app(session: Session, person: int, factors: Sequence[SecondFactor], code: str, label: str) -> bool:
    """Set the app up, if it shows the right code."""
    now = here().now()
    steps = {shared: totp.matching(shared, code, now, 0) for shared in offered(factors)}
    fits = next(((shared, step) for shared, step in steps.items() if step is not None), None)
    if fits is None:
        return False
    shared, step = fits
    session.add(
        SecondFactor(
            person_id=person, kind="totp", label=label, sealed=sealed_secrets.seal(shared, here().keys), last_step=step,
            sign_count=0, made_at=now,
        )
    )  # fmt: skip
    return True


def fits_app(session: Session, factors: Sequence[SecondFactor], code: str) -> bool:
    """Whether one of their apps shows this code; no code is taken twice, whoever is faster."""
    now = here().now()
    for one in (f for f in factors if f.kind == "totp"):
        shared = sealed_secrets.opened(one, here().keys)
        step = totp.matching(shared, code, now, one.last_step) if shared else None
        if step is None:
            continue
        mine = sa.update(SecondFactor).where(SecondFactor.id == one.id, SecondFactor.last_step < step)
        return getattr(session.execute(mine.values(last_step=step, used_at=now)), "rowcount", 0) == 1
    return False


# -- passkeys -----------------------------------------------------------------------------------------------------


def _occasion(what: str, factors: Sequence[SecondFactor]) -> str:
    return f"{what}:{sessions.token()}:{len(factors)}"


def known_passkeys(factors: Sequence[SecondFactor]) -> list[str]:
    return [one.credential_id for one in factors if one.credential_id]


def passkey_to_make(person: Person, factors: Sequence[SecondFactor]) -> str:
    """What the browser is asked to make."""
    return passkeys.making(
        _occasion("make", factors),
        person=person.id, address=person.address, name=person.name, known=known_passkeys(factors),
    )  # fmt: skip


def add_passkey(session: Session, person: int, factors: Sequence[SecondFactor], answer: str, label: str) -> bool:
    """Keep the passkey that the browser made."""
    made = passkeys.made(_occasion("make", factors), answer)
    if made is None or _taken(session, made.credential_id):
        return False
    session.add(
        SecondFactor(
            person_id=person, kind="passkey", label=label, credential_id=made.credential_id, last_step=0,
            public_key=made.public_key, sign_count=made.sign_count, made_at=here().now(),
        )
    )  # fmt: skip
    return True


def _taken(session: Session, credential_id: str) -> bool:
    return session.scalar(sa.select(SecondFactor.id).where(SecondFactor.credential_id == credential_id)) is not None


def passkey_to_ask(factors: Sequence[SecondFactor]) -> str:
    """What the browser is asked to sign; empty where there is no passkey."""
    known = known_passkeys(factors)
    return passkeys.asking(_occasion("ask", factors), known) if known else ""


def fits_passkey(factors: Sequence[SecondFactor], answer: str) -> bool:
    """Whether one of their passkeys signed this."""
    named = passkeys.named_in(answer)
    one = next((f for f in factors if f.credential_id and f.credential_id == named), None)
    if one is None or one.public_key is None:
        return False
    count = passkeys.signed(_occasion("ask", factors), answer, one.public_key, one.sign_count)
    if count is None:
        return False
    one.sign_count, one.used_at = count, here().now()
    return True


def fits(session: Session, people: Sequence[int], factors: Sequence[SecondFactor], typed: str) -> str:
    """What a typed code was: `app`, `recovery`, or nothing that is right."""
    plain = "".join(typed.split())
    if len(plain) == 6 and plain.isascii() and plain.isdecimal():
        return "app" if fits_app(session, factors, plain) else ""
    return "recovery" if recovery_codes.use(session, people, typed, here().now()) else ""
