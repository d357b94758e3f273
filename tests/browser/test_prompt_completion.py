"""Completion in the prompt editor: in the app, and alone on a page with texts of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pages._ui.prompts.prompt_completion import SCRIPT, offers
from recsys.prompts import Template
from recsys.prompts.guard import BLOCKS
from recsys.schema import Message
from tests.app.made_runs import IMAGE
from tests.browser.support import settle, visit

pytestmark = pytest.mark.browser

VALUES = {"history": ["Heat", IMAGE], "hour": "ten", "观看": ["故宫"]}
TOLD = {name: Message(f"About {IMAGE}") for name in VALUES}
DATA: dict[str, Any] = {
    "editor": ".st-key-prompt-editor textarea",
    "label": "Names",
    "entry": "One of {list}",
    "blocks": BLOCKS,
    "offers": offers(TOLD, VALUES),
}
#: A template with a caret → the names that are offered there.
OFFERED = {
    "{{ h‸": ["history", "hour"],
    "{{ O‸": ["history", "hour", "soft"],
    "{{ 观‸": ["观看"],
    "user's {{ hi‸": ["history"],
    "{{ open {{ hi‸": ["history"],
    "{{ history|la‸": ["last"],
    "{% for x in history|la‸": ["last"],
    "{% for x in ‸": ["history", "观看"],
    "{% for x in history %}{{ ‸": ["x", "history", "hour", "观看"],
    "{% if not ‸": ["history", "hour", "观看"],
    "{% ‸": ["if", "for"],
    "{% if hour %}{% ‸": ["endif", "elif", "else", "if", "for"],
    "{% if hour %}{% ‸ {% endif %}": ["elif", "else", "if", "for"],
    "{% if hour %}{% else %}{% e‸": ["endif"],
    "{% for x in history %}{% e‸": ["endfor"],
    "hi‸": [],
    "{{ history }} hi‸": [],
    "{# {{ hi‸": [],
    '{{ history|join("hi‸': [],
    "{{ history hi‸": [],
    "{{ history|last(‸": [],
    "{% if history|la‸": [],
    "{{ nothing‸": [],
}
#: A template with a caret, the key that chooses, and the template after it.
WRITTEN = [
    ("{{hi‸", "Enter", "{{ history‸ }}"),
    ("{{ hi‸ and more", "Tab", "{{ history‸ }} and more"),
    ("{{ hi‸ }} and {{ hour }}", "Enter", "{{ history‸ }} and {{ hour }}"),
    ("{{ hi‸story|last(3) }}", "Enter", "{{ history‸|last(3) }}"),
    ("{{ history|la‸st(3) }}", "Enter", "{{ history|last‸(3) }}"),
    ("{% if ho‸", "Enter", "{% if hour %}‸{% endif %}"),
    ("{% if ho‸ %}a{% endif %}", "Enter", "{% if hour‸ %}a{% endif %}"),
    ("{% for x in hi‸", "Enter", "{% for x in history %}‸{% endfor %}"),
    ("{% if hour %}a{% en‸", "Enter", "{% if hour %}a{% endif %}‸"),
]
#: As Streamlit does it: the text of a module, and one call for each rerun.
MOUNT = """async ([script, data]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: run } = await import(url);
  window.mount = () => run({ data, parentElement: document.querySelector("main") });
  window.leave = [window.mount()];
}"""


def editor_of(page: Page) -> Locator:
    return page.locator(".st-key-prompt-editor textarea")


def shown(page: Page) -> list[str]:
    """The names that are offered; none where the list is closed."""
    if not page.locator("#pr-completion:popover-open").count():
        return []
    return page.locator("#pr-completion b").all_text_contents()


def type_at(editor: Locator, source: str, typed: str = "") -> None:
    """Put `source` into the editor, the caret where it says ‸, and type there."""
    editor.press("Escape")
    editor.evaluate("(it, text) => { it.value = text }", source.replace("‸", ""))
    editor.evaluate("(it, at) => it.setSelectionRange(at, at)", source.index("‸"))
    if typed:
        editor.press_sequentially(typed)
    else:  # nothing changes, but the editor says that something did
        editor.dispatch_event("input")


def with_caret(editor: Locator) -> str:
    value, at = editor.evaluate("it => [it.value, it.selectionStart]")
    return f"{value[:at]}‸{value[at:]}"


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def alone(tab: Page) -> Page:
    """A page with nothing but an editor, another field, and what is offered."""
    tab.goto("about:blank")
    tab.set_viewport_size({"width": 1000, "height": 700})
    tab.set_content(
        '<div class="st-key-prompt-editor"><textarea rows=4 cols=60></textarea></div>'
        "<main></main><textarea id=other></textarea>"
    )
    tab.evaluate(MOUNT, [SCRIPT, DATA])
    editor_of(tab).focus()
    return tab


def test_names_are_completed_in_the_app(page: Page, address: str) -> None:
    visit(page, f"{address}/prompts?lang=en")
    editor, options = editor_of(page), page.locator("#pr-completion [role=option]")
    expect(page.locator("#pr-completion")).to_be_attached()
    editor.fill("")
    editor.press_sequentially("Saw {{ hi")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("Titles the user met")
    editor.press("Enter")
    expect(editor).to_have_value("Saw {{ history }}")
    editor.press_sequentially(" | la")
    expect(options).to_contain_text("The last n entries")
    editor.press("Tab")
    expect(editor).to_have_value("Saw {{ history | last(5) }}")
    expect(page.locator(".pr-prompt").first).to_contain_text("Saw The Gods Must Be Crazy")
    editor.press("End")
    editor.press_sequentially("{%")
    expect(options.first).to_be_visible()
    editor.press("Escape")
    expect(options.first).to_be_hidden()
    expect(page.get_by_text("is opened but never closed")).to_be_visible()
    settle(page)
    editor.press_sequentially(" and")
    # What is typed in the very moment of leaving the page may be lost where the app is busy.
    editor.blur()
    settle(page)
    page.get_by_role("link", name="Train").first.click(delay=80)
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(page.locator("#pr-completion")).to_have_count(0)
    page.get_by_role("link", name="Prompts").first.click(delay=80)
    expect(editor).to_have_value("Saw {{ history | last(5) }}{% and")
    visit(page, f"{address}/prompts?lang=zh")
    expect(page.locator("#pr-completion")).to_be_attached()
    editor.fill("{{ inten")
    expect(options).to_contain_text("用户自己说的要求")


def test_what_is_offered_where(alone: Page) -> None:
    editor, found = editor_of(alone), {}
    for source in OFFERED:
        type_at(editor, source)
        found[source] = shown(alone)
    assert found == OFFERED


def test_what_is_written(alone: Page) -> None:
    editor = editor_of(alone)
    for source, key, after in WRITTEN:
        type_at(editor, source)
        editor.press(key)
        assert with_caret(editor) == after
        assert shown(alone) == []
        editor.press("Control+z")
        assert editor.input_value() == source.replace("‸", "")


def test_whatever_is_chosen_is_allowed(alone: Page) -> None:
    """Every offer at every place ends in a template that can be read."""
    editor = editor_of(alone)
    for source in (
        *("{{‸", "{{ history|‸", "{% ‸", "{% if ‸", "{% if not ‸", "{% for x in ‸"),
        *("{% if hour %}{% ‸", "{% if hour %}{{ ‸ }}{% endif %}", "{% for x in 观看 %}{{ ‸"),
    ):
        type_at(editor, source)
        for row in range(len(shown(alone))):
            type_at(editor, source)
            alone.locator("#pr-completion [role=option]").nth(row).click()
            for _ in range(3):  # “if” and “for” offer what follows them
                if shown(alone):
                    editor.press("Enter")
            written = editor.input_value()
            for tag, end in BLOCKS.items():  # the block that was there before
                missing = written.count(f"{{% {tag} ") - written.count(f"{{% {end} ")
                written += f"{{% {end} %}}" * missing
            Template.parse(written)


def test_keys_and_names_for_those_who_listen(alone: Page) -> None:
    editor = editor_of(alone)
    type_at(editor, "‸", "{{ h")
    chosen = alone.locator("[role=option][aria-selected=true]")
    for key, name in (("", "history"), ("ArrowDown", "hour"), ("ArrowDown", "history")):
        if key:
            editor.press(key)
        assert chosen.locator("b").text_content() == name
        assert editor.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert editor.get_attribute("aria-controls") == alone.get_by_role("listbox").get_attribute("id")
    editor.press("Escape")
    assert shown(alone) == [] and editor.get_attribute("aria-activedescendant") is None
    editor.press_sequentially("i")
    editor.press("ArrowLeft")
    alone.wait_for_function("!document.querySelector('#pr-completion:popover-open')")
    type_at(editor, "‸", "{{ h")
    alone.locator("#other").focus()
    assert shown(alone) == []


def test_names_of_the_data_are_text(alone: Page) -> None:
    type_at(editor_of(alone), "{{ ‸")
    assert IMAGE in alone.locator("#pr-completion-0").inner_text()
    assert alone.locator("#pr-completion img").count() == 0 and alone.title() == ""


def test_an_ellipsis_is_typed_over(alone: Page) -> None:
    editor = editor_of(alone)
    type_at(editor, "{{ hour|def‸")
    editor.press("Enter")
    editor.press_sequentially("soon")
    assert editor.input_value() == '{{ hour|default("soon") }}'


def test_nothing_happens_while_chinese_is_composed(alone: Page) -> None:
    editor = editor_of(alone)
    type_at(editor, "‸", "{{ ")
    keyboard = alone.context.new_cdp_session(alone)
    keyboard.send("Input.imeSetComposition", {"text": "hi", "selectionStart": 2, "selectionEnd": 2})
    assert shown(alone) == []
    keyboard.send("Input.insertText", {"text": "观"})
    assert shown(alone) == ["观看"]


def test_a_browser_that_cannot_type_for_a_script(alone: Page) -> None:
    alone.evaluate("document.execCommand = () => false")
    editor = editor_of(alone)
    editor.evaluate("it => it.addEventListener('input', () => { it.title = it.value })")
    type_at(editor, "‸", "{{ hi")
    editor.press("Enter")
    assert with_caret(editor) == "{{ history‸ }}"
    assert editor.get_attribute("title") == "{{ history }}"  # whoever listens has heard of it


def test_a_rerun_takes_its_place_and_leaving_takes_all_back(alone: Page) -> None:
    editor = editor_of(alone)
    alone.evaluate("leave.push(mount(), mount())")
    assert alone.locator("#pr-completion").count() == 1
    type_at(editor, "‸", "{{ h")
    editor.press("ArrowDown")  # heard once
    editor.press("Enter")
    assert editor.input_value() == "{{ hour }}"
    alone.evaluate("leave.forEach((one) => one())")
    assert alone.locator("#pr-completion").count() == 0
    editor.press_sequentially("{{ h")
    editor.press("Enter")
    assert editor.input_value() == "{{ hour{{ h\n }}"


def test_what_is_typed_is_applied_after_a_pause_and_never_half_a_tag(alone: Page) -> None:
    editor = editor_of(alone)
    editor.evaluate(
        "it => it.addEventListener('keydown', (event) => {"
        "  if (event.ctrlKey && event.key === 'Enter') it.title += `[${it.value}]` })"
    )
    editor.press_sequentially("Likes jazz")
    # On a busy machine there is a pause between two keys as well.
    alone.wait_for_function("document.querySelector('textarea').title.endsWith('[Likes jazz]')")
    editor.press_sequentially(" {{ hi")
    alone.wait_for_timeout(1000)
    assert "{{" not in str(editor.get_attribute("title")) and shown(alone)
    editor.press("Enter")
    alone.wait_for_function("document.querySelector('textarea').title.endsWith('{{ history }}]')")
    editor.press("End")
    editor.press_sequentially("!")
    alone.locator("#other").click()  # leaving applies at once, and once
    alone.wait_for_timeout(1000)
    assert str(editor.get_attribute("title")).count("!]") == 1


def test_where_there_is_no_editor_nothing_happens(alone: Page) -> None:
    thrown: list[Any] = []
    alone.on("pageerror", lambda error: thrown.append(error))
    editor_of(alone).evaluate("it => it.remove()")
    alone.locator("#other").press_sequentially("{{ h")
    alone.locator("#other").press("Enter")
    assert alone.locator("#other").input_value() == "{{ h\n" and not thrown


def test_the_list_stays_in_a_narrow_window(alone: Page) -> None:
    alone.set_viewport_size({"width": 420, "height": 300})
    type_at(editor_of(alone), "\n" * 3 + "x" * 40 + "{{ ‸")
    box = alone.locator("#pr-completion").bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= 420
    assert box["y"] >= 0 and box["y"] + box["height"] <= 300
