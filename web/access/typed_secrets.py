"""Takes secrets (links, addresses that open something) out of what somebody typed, before any view sees it.

Who writes "I got this link, it does not work" into a form does not mean to hand it to everybody who reads the form's
answer: readers see what teams write, exports and mails repeat it. One place for all forms: letters have the same in
`mail/handling`. Must never touch the fields in which a secret is the point.
"""

from typing import Final

from flask import request
from werkzeug.datastructures import ImmutableMultiDict

from web.context import here
from workflow.records import masking

MEANT: Final = frozenset({"csrf", "form", "pass", "draft", "digest", "passkey", "code", "next", "back"})
"""fields that hold a secret, or a digest, because the form is about it; none of them is shown to anybody else"""


def take_out() -> None:
    if request.method != "POST" or request.blueprint == "demo":  # mails of the demonstration are its visitor's own
        return
    typed = {name: values for name, values in request.form.lists() if name not in MEANT}
    with here().db.reading() as session:
        masked = masking.out_of(session, typed)
    if masked != typed:
        kept = {name: values for name, values in request.form.lists() if name in MEANT}
        request.form = ImmutableMultiDict({**kept, **masked})
