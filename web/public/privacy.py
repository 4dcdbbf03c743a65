"""Privacy notice: what the register and config.toml say, as people are told it. Reads nothing of anybody."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from web.access import gate
from web.context import here
from workflow.privacy.categories import GROUNDS, Ground, Keep, Purpose
from workflow.privacy.record_page import period
from workflow.privacy.register import REGISTER
from workflow.text.bilingual import Text

blueprint = Blueprint("privacy", __name__)


@dataclass(frozen=True, slots=True)
class StatedPurpose:
    """One purpose: on what ground, and each kind of data with how long it is kept."""

    ground: Ground
    kept: tuple[tuple[Text, Text], ...]


@blueprint.get("/privacy")
@gate.anybody
def notice() -> str:
    """Who holds what about whom, why, how long, and what people may ask for."""
    return render_template("public/privacy.html", told=[_told(purpose) for purpose in GROUNDS], **_who())


def _told(purpose: Purpose) -> StatedPurpose:
    rules = here().settings.retention
    return StatedPurpose(
        GROUNDS[purpose],
        tuple(
            (held.what, period(held.keep, rules))
            for held in REGISTER
            if held.purpose is purpose and (held.keep is not Keep.WHILE_USED or purpose is Purpose.SIGN_IN)
        ),
    )


def _who() -> dict[str, Any]:
    web = here()
    privacy = web.settings.privacy
    return {
        "controllers": (privacy.controller,) if privacy.controller else web.programme.organisers,
        "contact": privacy.contact or web.programme.contact.address,
        "processors": privacy.processors,
        "logs_days": web.settings.retention.logs_days,
        "hold": web.settings.retention.hold,
    }
