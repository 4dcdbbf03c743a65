"""Another programme, made from the default config by changing its text, as docs/another-programme.md says: three
workshops, one group, no mentoring, another year. No code.
"""

import re

from tests.paths import ROOT

NAMES = {
    'key = "koosloome-2022"': 'key = "kogukonnakool-2027"',
    "Koosloome koolitus- ja arendusprogramm": "Kogukonnakool",
    "Co-creation training and development programme": "School for communities",
    'et = "Koosloome", en = "Co-creation"': 'et = "Kogukonnakool", en = "Community school"',
    "capacity = 10": "capacity = 6",
    "size = 5": "size = 6",
}
DATES = {
    "2022-02-16": "2027-01-20",
    "opens = 2022-02-01": "opens = 2027-01-04",
    "before = 2022-02-28": "before = 2027-02-08",
    "2022-04-05": "2027-03-09",
    "2022-04-19": "2027-04-06",
    "2022-05-10": "2027-05-04",
    "2022-09-26": "2027-05-31",
    "2022-09-28": "2027-06-02",
}


def without(text: str, stage: str) -> str:
    """The config without one of its stages."""
    text, stages = re.subn(rf'\[\[stages\]\]\nkey = "{stage}"\n.*?(?=\[\[stages\]\])', "", text, flags=re.DOTALL)
    assert stages == 1, stage
    return text


def another() -> str:
    """The default config with the document's steps done; each of them finds what it says it changes."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text, groups = re.subn(r'\[\[groups\]\]\nkey = "II"\n(?:.+\n)+\n', "", text)
    for key in ("workshop_4", "workshop_5", "mentoring"):
        text = without(text, key)
    text, sessions = re.subn(r"\[stages\.sessions\.II\]\n(?:.+\n)+\n", "", text)
    text, mentors = re.subn(r"\[\[mentors\]\]\n(?:.+\n)+\n", "", text)
    text, about = re.subn(r"^mentoring = .*\n", "", text, flags=re.MULTILINE)
    assert (groups, sessions, mentors, about) == (1, 3, 3, 1)
    for old, new in {**NAMES, **DATES}.items():
        assert old in text, old
        text = text.replace(old, new)
    return text
