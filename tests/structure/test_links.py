"""The pages: a link leads to a file there is, an anchor to a heading of it, and a page that a source names is there."""

import re

import pytest

from test_includes import ROOT

LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PAGE = re.compile(r"\b(?:docs|deploy|bench)/[\w/-]+\.md\b")


def is_ours(name):
    return not name.startswith(".") and name not in ("build", "__pycache__")


def files(folder=ROOT):
    for path in sorted(each for each in folder.iterdir() if is_ours(each.name)):
        yield from files(path) if path.is_dir() else [path]


def pages():
    return [path for path in files() if path.suffix == ".md"]


def prose(text):
    return FENCED.sub("", text)


def anchors(text):
    """Of its headings, as GitHub spells them: the second of one name ends in -1."""
    found = []
    for heading in HEADING.findall(prose(text)):
        words = re.sub(r"\]\([^)]*\)", "", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.append(f"{anchor}-{found.count(anchor)}" if anchor in found else anchor)
    return found


def broken_links(page, text):
    """Every link of a page that leads nowhere in this repository; those to elsewhere are not followed."""
    for link in LINK.findall(prose(text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists():
            yield link
        elif anchor and anchor not in anchors(text if target == page else target.read_text()):
            yield link


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    assert list(broken_links(page, page.read_text())) == []


def test_every_page_that_a_source_names_is_there():
    named = {
        (str(path.relative_to(ROOT)), page)
        for path in files()
        if path.suffix in (".cc", ".h", ".md", ".py", ".sh", ".txt", ".yaml", ".tf")
        for page in PAGE.findall(path.read_text())
    }

    assert len(named) > 30
    assert {(path, page) for path, page in named if not (ROOT / page).exists()} == set()


@pytest.mark.parametrize("link", ["nowhere.md", "docs/on-call.md#nowhere", "#nowhere", "../README.md", "docs/on-call.md#let-it-go-1"])
def test_a_link_that_leads_nowhere_is_found(link):
    assert list(broken_links(ROOT / "README.md", f"# Here\n\n[a word]({link})\n")) == [link]


@pytest.mark.parametrize("link", ["docs", "docs/on-call.md#let-it-go", "#two-words", "#here-1", "#a_step", "https://example.com/x#y"])
def test_a_link_that_leads_somewhere_is_not(link):
    text = f"# Here\n\n## Two, words\n\n## Here\n\n## `a_step`\n\n[a word]({link})\n\n```\n[not one](nowhere.md)\n```\n"

    assert list(broken_links(ROOT / "README.md", text)) == []
