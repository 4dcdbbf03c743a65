"""The documents' site: it builds, every link and picture in it leads somewhere, and nothing comes from elsewhere."""

import importlib.util
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from tests.paths import ROOT


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_site", ROOT / "docs" / "site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


builder = _load()


class Page(HTMLParser):
    """What a page holds: its anchors, what it links to, what it loads, and pictures nobody can hear."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.unheard: list[str] = []
        self.tags: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.ids += [told["id"]] if "id" in told else []
        self.links += [told["href"]] if tag == "a" else []
        self.loads += [told[name] for name in ("src", "href") if name in told and tag != "a"]
        self.unheard += [told["src"]] if tag == "img" and not told.get("alt") else []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    builder.build(out)
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def inside(pages: dict[Path, Page], which: str) -> Iterator[tuple[Path, str, Path, str]]:
    """(page, target, file, fragment) of each link or picture that stays in the site."""
    for path, page in pages.items():
        for target in getattr(page, which):
            if not re.match(r"[a-z]+:", target):
                file, _, fragment = target.partition("#")
                yield path, target, (path.parent / unquote(file)).resolve() if file else path, fragment


def test_every_document_has_its_page_and_every_page_lists_them_all(pages: dict[Path, Page], site: Path) -> None:
    documents = builder.documents()
    assert {"README.md", "docs/koordinaatorile.md", "docs/operating.md", "docs/architecture.md"} <= set(documents)
    assert {path.relative_to(site).as_posix() for path in pages} == {builder.address(name) for name in documents}
    for path, page in pages.items():
        listed = {(path.parent / link).resolve() for link in page.links if not re.match(r"[a-z]+:|#", link)}
        assert set(pages) <= listed, path


def test_every_link_leads_to_a_file_and_an_anchor_that_are_there(pages: dict[Path, Page]) -> None:
    there = list(inside(pages, "links"))
    assert len(there) > 100
    for path, target, file, fragment in there:
        assert file.is_file(), f"{path.name}: {target}"
        if fragment and file.suffix == ".html":
            assert fragment in pages[file].ids, f"{path.name}: {target}"


def test_every_picture_and_style_is_there_and_nothing_comes_from_elsewhere(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert not [one for one in page.loads if re.match(r"[a-z]+:|//", one)], path
        assert "script" not in page.tags
        assert page.unheard == []
    there = list(inside(pages, "loads"))
    assert sum(file.suffix == ".png" for _, _, file, _ in there) >= 12
    assert [f"{path.name}: {target}" for path, target, file, _ in there if not file.is_file()] == []


def test_anchors_are_unique_and_each_page_has_one_title(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        assert path.read_text(encoding="utf-8").count("<h1") == 1, path


def test_the_coordinators_guide_is_estonian_and_the_rest_english(site: Path) -> None:
    assert '<html lang="et">' in (site / "docs" / "koordinaatorile.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in (site / "docs" / "operating.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["docs/nowhere.md", "../outside.md", "docs/pictures/none.png", "docs"])
def test_a_link_that_leads_nowhere_stops_the_building(target: str, tmp_path: Path) -> None:
    with pytest.raises(builder.MissingTarget):
        builder._lead("README.md", target, builder.documents(), tmp_path)
