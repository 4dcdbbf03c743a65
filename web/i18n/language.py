"""Language negotiation of a page, and formatting of moments and durations on it.

What the person chose counts, then the language of whoever was asked, then the browser's, then the programme's.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from flask import Flask, Response, g, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from web.context import here
from web.i18n.catalogue import words
from workflow.database.models import HoursRow
from workflow.rules import hours
from workflow.text import formatting, reasons
from workflow.text.bilingual import Text

COOKIE: Final = "lang"
YEAR: Final = 365 * 24 * 3600


def lang() -> str:
    """`et` or `en`."""
    if "lang" not in g:
        g.lang = _chosen() or _browsers() or here().programme.languages[0]
    return str(g.lang)


def _chosen() -> str | None:
    known = here().programme.languages
    return next((one for one in (request.args.get("lang"), request.cookies.get(COOKIE)) if one in known), None)


def _browsers() -> str | None:
    return request.accept_languages.best_match(here().programme.languages)


def prefer(theirs: str) -> None:
    """Speak this person's language, unless they chose another by hand."""
    if _chosen() is None and theirs in here().programme.languages:
        g.lang = theirs


def _(message: str, /, **values: object) -> str:
    """The words in the page's language, `%(name)s` filled in; a bare per cent sign is written `%%`."""
    return _gettext(message) % values


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """The words for so many: `%(num)s team`, `%(num)s teams`."""
    return _ngettext(one, many, n) % {"num": formatting.number(n, lang()), **values}


def pgettext(context: str, message: str, /, **values: object) -> str:
    """The words where one English text means two things; the context tells which."""
    return _pgettext(context, message) % values


def _gettext(message: str) -> str:
    return str(words(lang()).gettext(message))


def _ngettext(one: str, many: str, n: int) -> str:
    return str(words(lang()).ngettext(one, many, n))


def _pgettext(context: str, message: str) -> str:
    return str(words(lang()).pgettext(context, message))


def said(text: Text | None) -> str:
    """A text of two languages in the page's."""
    return text.say(lang()) if text else ""


def reason(why: str) -> str:
    """A reason as it stands in the books; the service's own in the page's language."""
    return said(reasons.said(why))


def decimal(value: Decimal) -> str:
    """`3,57` in Estonian, `3.57` in English."""
    return str(value).replace(".", ",") if lang() == "et" else str(value)


def moment(at: datetime) -> str:
    return formatting.moment(at, lang(), here().programme.tz)


def on(at: datetime) -> str:
    return formatting.on(at, lang(), here().programme.tz)


def until(at: datetime) -> str:
    return formatting.until(at, lang(), here().programme.tz)


def span(start: datetime, end: datetime) -> Markup:
    """From when till when; the hours stay on one line."""
    whole = formatting.span(start, end, lang(), here().programme.tz)
    if _local(start) != _local(end):
        return escape(whole)
    day, at, hours = whole.rsplit(" ", 2)
    return Markup('{} <span class="nowrap">{} {}</span>').format(day, at, hours)


def day(on: date | datetime) -> str:
    return formatting.day(_local(on), lang())


def when_given(row: HoursRow) -> str:
    """The day of an entry of hours, or its month where no day was said."""
    return said(hours.when(row.day, row.month))


def weekday(on: date | datetime) -> str:
    return formatting.weekday(_local(on), lang())


def on_day(day: date | datetime) -> str:
    return formatting.on_day(_local(day), lang())


def since(day: date | datetime) -> str:
    return formatting.since(_local(day), lang())


def _local(day: date | datetime) -> date:
    return day.astimezone(here().programme.tz).date() if isinstance(day, datetime) else day


def hour(at: datetime) -> str:
    """`9.00` · `9:00`."""
    local = at.astimezone(here().programme.tz)
    return f"{local.hour}.{local:%M}" if lang() == "et" else f"{local.hour}:{local:%M}"


def minutes(length: int) -> str:
    return formatting.minutes(length, lang())


def size(n: int) -> str:
    """Of a file: `240 kB`, `1,5 MB`."""
    if n < 1024 * 1024:
        return f"{max(1, round(n / 1024))} kB"
    return f"{formatting.number(round(n / 1024 / 1024, 1), lang())} MB"


def plain_mail(subject: str, body: str, in_lang: str) -> str:
    """A mail's text part, from its source."""
    return here().composer.shown(subject, body, in_lang)[0]


def left(length: timedelta) -> str:
    """How long is left: `12 päeva`, `1 päev ja 3 tundi`, `25 minutit`."""
    days, hours, mins = length.days, length.seconds // 3600, length.seconds // 60 % 60
    if days >= 3:
        return _days(days)
    if days:
        return _("%(days)s and %(hours)s", days=_days(days), hours=_hours(hours))
    return _hours(hours) if hours >= 3 else f"{_hours(hours)} {_mins(mins)}" if hours else _mins(mins)


def _days(n: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", n)


def _hours(n: int) -> str:
    return ngettext("%(num)s hour", "%(num)s hours", n)


def _mins(n: int) -> str:
    return ngettext("%(num)s minute", "%(num)s minutes", n)


def other() -> str | None:
    """The other language the pages are offered in."""
    return next((one for one in here().programme.languages if one != lang()), None)


def switch(to: str) -> str:
    """This very page in another language; always a path of our own."""
    path = f"{request.script_root}/" + quote(request.path.lstrip("/\\"))
    kept = "&".join(f"{key}={value}" for key, value in request.args.items() if key in KEPT and value.isalnum())
    return f"{path}?{kept}&lang={to}" if kept else f"{path}?lang={to}"


KEPT: Final = ("pass", "show", "tab")


def remember(response: Response) -> Response:
    """Keep a choice made by hand."""
    chosen = request.args.get("lang")
    if chosen in here().programme.languages:
        keep(response, chosen)
    return response


def keep(response: AnyResponse, chosen: str) -> None:
    """From now on this browser is spoken to in this language, whoever sits at it."""
    response.set_cookie(COOKIE, chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=here().secure)


def install(app: Flask) -> None:
    """What templates may say; their `_`, `ngettext` and `pgettext` make the values harmless for the page."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension brings it
        _gettext, _ngettext, newstyle=True, pgettext=_pgettext
    )
    app.jinja_env.globals.update(lang=lang, other_lang=other, switch_lang=switch, span=span, size=size)
    app.jinja_env.globals.update(plain_mail=plain_mail)
    app.jinja_env.filters.update(
        say=said,
        reason=reason,
        moment=moment,
        on=on,
        on_day=on_day,
        since=since,
        until=until,
        day=day,
        when_given=when_given,
        weekday=weekday,
        hour=hour,
        minutes=minutes,
        left=left,
    )
    app.after_request(remember)
