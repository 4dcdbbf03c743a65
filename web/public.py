"""What anybody may see and send: the programme's page, the info day and the application."""

from flask import Blueprint, render_template

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
def programme() -> str:
    return render_template("base.html")


@blueprint.get("/info-day")
def info_day() -> str:
    return render_template("base.html")


@blueprint.get("/apply")
def apply() -> str:
    return render_template("base.html")
