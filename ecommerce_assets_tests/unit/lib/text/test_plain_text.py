from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from rich.table import Table

import ecommerce_assets
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.text.console import PlainConsole, bad, coloured
from ecommerce_assets.lib.text.plain import for_spreadsheet, harmless, markdown, visible

#: What strangers may write into a header, a value, a file name or an answer.
HOSTILE = (
    "[/red]",
    "[bold]x[/bold]",
    "[link=http://example.org]x[/link]",
    ":smile:",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://example.org\x1b\\x\x1b]8;;\x1b\\",
    "\x9b31m",
    "gnp\u202eexe.png",
    "\u2066x\u2069",
    "a\rb",
    "a\x08b",
    "\ud800",
)
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800]")


def printed(*things: object) -> str:
    out = io.StringIO()
    PlainConsole(file=out, width=200, force_terminal=False).print(*things)
    return out.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_the_terminal_shows_a_text_and_never_obeys_it(text: str) -> None:
    table = Table(text, title=text)
    table.add_row(text)
    table.add_row(coloured(text, "red"))
    shown = visible(text)
    for said in (printed(text), printed(bad(text), text), printed(table)):
        assert shown in said
        assert not OBEYED.search(said), repr(said)


def test_letters_of_every_script_and_line_feeds_of_a_message_stay() -> None:
    for text in ("Grün, çà, 中文, עברית, العربية", "👩‍🚀 می‌خواهم", "100 % “so” €"):
        assert visible(text) == text
    assert visible("a\nb", lines=True) == "a\nb"
    assert visible("a\nb\tc") == "a\\nb\\tc"


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://example.org/x.png)",
        "<img src=x onerror=alert(1)>",
        "$$x$$",
        "a|b",
        "`x`",
        ":x:",
    ],
)
def test_markdown_shows_the_text_itself(text: str) -> None:
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(text))
    assert not re.search(r"<(?!/?p>)", html), html
    said = re.sub(r"</?p>|\n", "", html)
    for entity, mark in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        said = said.replace(entity, mark)
    assert said == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1"]
)
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    assert for_spreadsheet(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12.50", "+3", "-1,234.5", "1e-5", "-7%", "a=b", "", "2-3"])
def test_a_spreadsheet_gets_numbers_and_other_texts_unharmed(text: str) -> None:
    assert for_spreadsheet(text) == text


def test_no_command_prints_by_markup() -> None:
    """The console knows no markup, so brackets in a message would be shown."""
    markup = re.compile(r"\[(/?(red|green|yellow|blue|bold|dim)|/)\]")
    package = Path(ecommerce_assets.__file__).parent
    found = [
        f"{path.relative_to(package)}: {line.strip()}"
        for path in package.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if markup.search(line) and path.name != "console.py"
    ]
    assert found == []


def test_a_failure_holds_nothing_that_a_terminal_or_a_log_obeys() -> None:
    failure = PermanentFailure("the value \x1b]0;x\x07 of \u202eline 3", "a\nb")
    assert failure.message == "the value \\x1b]0;x\\x07 of \\u202eline 3"
    assert not OBEYED.search(str(failure))
    assert failure.cure == "a\nb"


def test_where_nobody_knows_how_a_text_is_read_it_fetches_nothing() -> None:
    text = "![x](http://a.test) <img src=x> <!channel> @everyone a < b"
    said = harmless(text)
    assert said == "! [x](http://a.test) < img src=x> < !channel> @ everyone a < b"
    html = MarkdownIt("commonmark", {"html": True}).render(said)
    assert "<img" not in html


def test_an_ordered_list_and_a_heading_are_texts_in_markdown() -> None:
    for text in (
        "1. x",
        "# x",
        "- x",
        "+ x",
        "=x",
        "www.a.test",
        "a_b _c_",
        "12) x",
        "http://a.test",
    ):
        html = MarkdownIt("commonmark", {"html": True}).render(markdown(text))
        assert html == f"<p>{text}</p>\n"
