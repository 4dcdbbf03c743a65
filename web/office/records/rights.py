"""Data subject rights (GDPR), for the coordinator: a person's data as a ZIP, and erasing them.

Forgetting is shown first, line by line as the command `teekond forget` says it, and done only as shown, after the
coordinator has confirmed who they are just now. A second click finds it done. Readers may do neither.
"""

import json
import zipfile
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import myself, require
from web.access.security_log import event
from web.context import ScanVerdict, here
from web.files.downloads import streamed
from web.i18n.language import _, lang, said
from web.office.acting import coordinator
from web.request import field, found
from web.sign_in.my_sign_ins import is_fresh
from workflow.database.models import Person
from workflow.privacy import erasure_preview, export
from workflow.privacy.erasure_preview import ForeseenErasure, Means
from workflow.privacy.export import PersonData
from workflow.text.bilingual import Text

blueprint = Blueprint("rights", __name__)

IN_MEMORY: Final = 1024 * 1024


# -- what is held ---------------------------------------------------------------------------------


@blueprint.get("/people/<int:person_id>/data.zip")
@require("coordinator")
def data(person_id: int) -> Response:
    """All that `teekond person-data` gathers; what the virus scanner does not let pass is named and left out."""
    if not is_fresh():
        return _confirm_who(person_id)
    with here().db.reading() as session:
        person = found(session.get(Person, person_id))
        if erasure_preview.is_forgotten(person):
            return _done_before()
        held = found(export.gather(session, person.address, here().settings.retention, here().now()))
    event("person data read", person=myself().id, about=person_id, files=len(held.files))
    return streamed(f"person-data-{person_id}.zip", _packed(held))


def _packed(held: PersonData) -> IO[bytes]:
    out = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed when the answer has left
    left_out = [name for name, content in held.files.items() if not _clean(content)]
    told = {**held.told, "left_out_by_the_virus_scanner": left_out} if left_out else held.told
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr("person-data.json", json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        for name, content in held.files.items():
            if name not in left_out:
                into.writestr(name, content)
    out.seek(0)
    return out


def _clean(content: bytes) -> bool:
    scan = here().scan
    return scan is None or not content or scan(content) is ScanVerdict.CLEAN


# -- forgetting -----------------------------------------------------------------------------------


@blueprint.get("/people/<int:person_id>/forget")
@require("coordinator")
def ask(person_id: int) -> Response | str:
    """Asks who wants it and why. Looking changes nothing."""
    if not is_fresh():
        return _confirm_who(person_id)
    with here().db.reading() as session:
        person = found(session.get(Person, person_id))
        return _done_before() if erasure_preview.is_forgotten(person) else _page(person)


@blueprint.post("/people/<int:person_id>/forget")
@require("coordinator")
def forget(person_id: int) -> Response | str | tuple[str, int]:
    """Shows what would be done; and with the yes to exactly that, does it."""
    if not is_fresh():
        return _confirm_who(person_id)
    with here().db.writing() as session:
        person = found(session.get(Person, person_id))
        session.refresh(person, with_for_update=True)
        if erasure_preview.is_forgotten(person):
            return _done_before()
        answer = _act(session, person)
    if not isinstance(answer, str):
        return answer
    event("person forgotten", person=person_id, by=myself().id)
    kept = () if erasure_preview.scrub(here().db) else (flash.warn(_not_scrubbed()),)
    done = flash.good(_("Forgotten. In the books they are now “%(name)s”.", name=answer))
    return flash.go(url_for("office.people.page"), done, *kept)


def _act(session: Session, person: Person) -> str | tuple[str, int]:
    """The pseudonym where it was done; else the page, with what is shown now."""
    why, sure, digest, now = field("why"), request.form.get("sure") == "yes", field("digest"), here().now()
    if not why:
        missing = Text(et="Kirjutage, kes seda palus ja miks.", en="Write who asked for this and why.")
        return _page(person, faults={"why": missing}), 400
    if not (digest and sure):
        seen = erasure_preview.foresee(here().season, session, person, _means(), now)
        faults = {"sure": SURE} if digest else {}
        return _page(person, why=why, seen=seen, faults=faults), 400 if digest else 200
    by = coordinator(session).name
    done = erasure_preview.forget(here().season, session, person, _means(), by=by, why=why, digest=digest, now=now)
    if isinstance(done, ForeseenErasure | Text):
        return _page(person, why=why, seen=done, changed=True), 409
    return done.pseudonym


SURE: Final = Text(
    et="Märkige, et olete loendi läbi vaadanud.", en="Tick that you have looked through the list."
)  # fmt: skip


def _page(
    person: Person, *, why: str = "", seen: ForeseenErasure | Text | None = None, faults: dict[str, Text] | None = None,
    changed: bool = False,
) -> str:  # fmt: skip
    return render_template(
        "office/forget.html",
        person=person,
        why=why,
        lines=seen.would.does(lang()) if isinstance(seen, ForeseenErasure) else (),
        stays=seen.would.stays(lang()) if isinstance(seen, ForeseenErasure) else (),
        digest=seen.digest if isinstance(seen, ForeseenErasure) else "",
        refused=said(seen) if isinstance(seen, Text) else "",
        faults=faults or {},
        changed=changed,
    )


def _means() -> Means:
    return found(here().rights)


def _confirm_who(person_id: int) -> Response:
    back = url_for("office.people.one", person_id=person_id)
    return redirect(url_for("second.ask", next=back), 303)


def _done_before() -> Response:
    return flash.go(url_for("office.people.page"), flash.warn(_("This person is forgotten already.")))


def _not_scrubbed() -> str:
    return _(
        "The database was busy: its files could not be rewritten just now. Ask whoever runs the server to run "
        "“teekond retention”, which does it."
    )
