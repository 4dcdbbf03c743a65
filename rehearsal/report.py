"""The report: one page that stands alone, without scripts and without a request to anywhere.

Timeline of everything that happened, each mail with its text, each step with its proof, mails per person per week.
Every value is escaped: what invented people wrote is shown, never rendered.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rehearsal.setting import Summary
from rehearsal.world import World
from workflow.database.models import HistoryRow, Letter, Team

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{border-bottom:1px solid #ddd;padding:.25rem .5rem;
text-align:left;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
pre{white-space:pre-wrap;background:#f6f6f4;padding:.6rem;margin:.4rem 0}summary{cursor:pointer}
.when{white-space:nowrap;color:#555}.good{color:#0a6b2d}.bad{color:#a31515;font-weight:600}
.in{background:#eef6ff}.step{background:#eefaf0}.office{background:#fdf6e3}.scroll{overflow-x:auto}
"""


def write(out: Path, world: World, summary: Summary) -> None:
    """summary.json, report.html, and faults.json where there are any."""
    plain = asdict(summary)
    faults = plain.pop("faults")
    plain["not_shown"], plain["over"] = list(summary.not_shown), list(summary.over)
    _json(out / "summary.json", plain)
    if faults:
        _json(out / "faults.json", faults)
    else:
        (out / "faults.json").unlink(missing_ok=True)
    (out / "report.html").write_text("".join(_page(world, summary)), encoding="utf-8")


def _json(file: Path, values: Any) -> None:
    file.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _page(world: World, summary: Summary) -> Iterator[str]:
    yield '<!doctype html><html lang="et"><head><meta charset="utf-8"><title>Peaproov / Rehearsal</title>'
    yield f"<style>{STYLE}</style></head><body><h1>Peaproov / Rehearsal</h1>"
    yield from _counts(summary)
    yield from _per_week(world)
    yield "<h2>Ajajoon / Timeline</h2><table><tbody>"
    for when, kind, what, more in _timeline(world):
        local = when.astimezone(world.tz)
        yield f'<tr class="{kind}"><td class="when">{local:%d.%m.%Y %H:%M}</td><td>{_folded(what, more)}</td></tr>'
    yield "</tbody></table></body></html>\n"


def _folded(what: str, more: str) -> str:
    return f"<details><summary>{escape(what)}</summary><pre>{escape(more)}</pre></details>" if more else escape(what)


# -- counts -----------------------------------------------------------------------------------------


def _counts(summary: Summary) -> Iterator[str]:
    counts = {
        "valed sammud / wrong moves": summary.wrong_moves,
        "kaduma läinud / lost": summary.lost,
        "topelt / duplicates": summary.duplicates,
        "lugemata / unread": summary.unread,
        "aegunud teated / stale notices": summary.stale,
        "tühi häire / false alarms of silence": summary.false_silences,
    }
    said = ", ".join(f'<span class="{"bad" if n else "good"}">{escape(name)}: {n}</span>' for name, n in counts.items())
    yield f"<p>{said}. Seeme / seed {summary.seed}, {summary.seconds} s.</p>"
    for name, some in summary.faults.items():
        yield f"<h3>{escape(name)}</h3><ul>" + "".join(f"<li>{escape(one)}</li>" for one in some) + "</ul>"
    said = f"koordinaatori töö / the coordinator's acts: {sum(summary.acts.values())}"
    yield _table((said, ""), summary.acts.items())
    yield _table(("meeskonnad / teams", ""), summary.teams.items())
    yield _table(("saabunud kirjad / letters", ""), summary.letters.items())
    yield _table(("saadetud kirjad / messages", ""), summary.messages.items())
    rows = ((kind, ", ".join(f"{via} {n}" for via, n in ways.items())) for kind, ways in summary.answered.items())
    yield _table(("vastused / answered", ""), rows)
    yield f"<h2>Kirjakoormus / Mails a person</h2><p>{summary.begun} algatatud / begun by the service.</p>"
    heads = ("", "inimesi / people", "mediaan / median", "enim / most", "nädalas / a week", "tunnis / an hour")
    loads = ((r, one.people, f"{one.median:g}", one.most, one.week, one.hour) for r, one in summary.loads.items())
    yield _table(heads, loads)
    if summary.over:
        yield '<p class="bad">' + "; ".join(escape(one) for one in summary.over) + "</p>"
    yield _table(("kirja liik / kind of mail", ""), summary.kinds.items())


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _per_week(world: World) -> Iterator[str]:
    """How many mails each person got in each week: nobody should be buried in them."""
    counted: Counter[tuple[str, date]] = Counter((got.to, _monday(world, got.at)) for got in world.record.mails)
    weeks = sorted({week for _, week in counted})
    people = [to for to, _ in Counter(got.to for got in world.record.mails).most_common()]
    heads = "".join(f'<th class="n">{week:%d.%m}</th>' for week in weeks)
    yield "<h2>Kirju inimese kohta nädalas / Mails per person per week</h2>"
    if len(people) > MOST_PEOPLE:
        yield f"<p>{MOST_PEOPLE} / {len(people)}</p>"
    yield f'<div class="scroll"><table><thead><tr><th></th>{heads}</tr></thead><tbody>'
    for person in people[:MOST_PEOPLE]:
        cells = "".join(f'<td class="n">{counted[person, week] or ""}</td>' for week in weeks)
        yield f"<tr><td>{escape(person)}</td>{cells}</tr>"
    yield "</tbody></table></div>"


MOST_PEOPLE = 200


def _monday(world: World, at: datetime) -> date:
    day = at.astimezone(world.tz).date()
    return day - timedelta(days=day.weekday())


# -- timeline ---------------------------------------------------------------------------------------

Line = tuple[datetime, str, str, str]


def _timeline(world: World) -> list[Line]:
    """Everything in the order in which it happened: mails, letters and forms, steps with their proof."""
    lines: list[Line] = [
        (g.at, "out", f"→ {g.to}: {g.subject} [{g.template}]", g.text) for g in world.record.mails
    ]  # fmt: skip
    with world.house.db.reading() as session:
        outcomes = {
            message_id: f"{outcome or status} {resolution}".strip()
            for message_id, outcome, status, resolution in session.execute(
                sa.select(Letter.message_id, Letter.outcome, Letter.status, Letter.resolution)
            )
        }
        texts = {le.message_id: le.text for le in session.execute(sa.select(Letter.message_id, Letter.text))}
        rows = session.execute(sa.select(HistoryRow, Team.name).join(Team).order_by(HistoryRow.id)).all()
        lines += [(row.at, "step", _step(row, name), _proof(row)) for row, name in rows]
    for act in world.record.acts:
        became = outcomes.get(act.message_id, "") if act.message_id else ("saved" if act.taken else "closed")
        note = f" ({act.note})" if act.note else ""
        what = f"← {act.who}, {act.via}: {act.means.says()}{note} ⇒ {became}"
        lines.append((act.at, "in", what, texts.get(act.message_id, "")))
    lines += [
        (s.at, "office", f"{s.team}: {s.what} {s.about} {s.minutes or ''}".strip(), "") for s in world.record.steps
    ]
    return sorted(lines, key=lambda line: line[0])


def _step(row: HistoryRow, team: str) -> str:
    moved = f": {row.from_state} → {row.to_state}" if row.to_state else ""
    return f"{team}: {row.event}{moved} – {row.actor}"


def _proof(row: HistoryRow) -> str:
    return "\n".join(
        f"{key}: {value}" for key, value in {"why": row.why, **row.proof}.items() if value not in ("", [], None)
    )
