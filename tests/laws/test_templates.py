"""Templates keep the strict content policy, and every sentence can be translated."""

import ast
import re
from collections.abc import Iterable

import pytest

from tests.laws.source import Module, none, program, templates

Pages = Iterable[tuple[str, str]]

FORBIDDEN = {
    "style attribute": re.compile(r"""<[^>]*\sstyle\s*=\s*["']""", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(
        r"<script\b(?![^>]*(?:\bsrc\s*=|type=.application/(?:ld\+)?json))[^>]*>", re.IGNORECASE
    ),
    "event attribute": re.compile(r"""<[a-z][^>]*\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "evaluated words": re.compile(r"""\shx-on[:-][\w:-]*\s*=|\shx-vals\s*=\s*["']js:""", re.IGNORECASE),
}
SPOKEN = ("title", "alt", "placeholder", "aria-label", "aria-description", "aria-roledescription")
# Words that are the same in every language.
NAMES = {"PRM", "API", "CSV", "JSON", "PDF", "OpenAPI", "English", "Esc", "Ctrl", "Enter"}

_COMMENTS = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}|<!--.*?-->", re.DOTALL)
_TRANSLATED = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
# Blocks that fill a part of a tag, not of the text.
_IN_TAGS = re.compile(
    r"{%\s*block (?:width|density|body_attrs|bodyclass)\b(?:(?!{%\s*block).)*?{%\s*endblock[^%]*%}", re.DOTALL
)
_CODE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_UNSPOKEN = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_WORDS = re.compile(r"[^\W\d_]{2,}")


def against_policy(pages: Pages) -> list[str]:
    """What a browser under our content policy would not run or apply."""
    return [
        f"{path}: {kind}: {found.group(0)[:80]}"
        for path, text in pages
        if path.endswith((".html", ".svg")) and not path.startswith("templates/mail/")
        for kind, pattern in FORBIDDEN.items()
        for found in pattern.finditer(_CODE.sub("", _COMMENTS.sub("", text)))
    ]


def untranslated(pages: Pages) -> list[str]:
    """Words that stand in a template as they are."""
    return [f"{path}: {words}" for path, text in pages for words in _bare(text)]


def _bare(text: str) -> list[str]:
    said = _IN_TAGS.sub("", _IN_TAGS.sub("", _TRANSLATED.sub("", _COMMENTS.sub("", text))))
    said = _CODE.sub("", _UNSPOKEN.sub("", said))
    spoken = [v for name in SPOKEN for v in re.findall(rf"""\s{name}\s*=\s*["']([^"']*)["']""", said)]
    between = re.split(r"\n|\x00", _TAG.sub("\x00", said))
    return [words.strip() for words in (*spoken, *between) if set(_WORDS.findall(re.sub(r"&\w+;", "", words))) - NAMES]


def test_templates_keep_the_content_policy():
    none(against_policy(templates()))


def test_every_sentence_of_a_template_can_be_translated():
    none(untranslated(templates()))


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color: red">x</p>',
        "<style>p {}</style>",
        "<script>go()</script>",
        '<script type="module">go()</script>',
        '<button class="a" onclick="go()">x</button>',
        '<a href="javascript:go()">x</a>',
        '<div hx-on:click="go()">x</div>',
    ],
)
def test_what_the_policy_forbids_is_found(planted):
    assert len(against_policy([("templates/x.html", planted)])) >= 1


@pytest.mark.parametrize(
    "fine",
    [
        '<script src="{% static "js/app.js" %}" defer></script>',
        '<p class="{% if a > b %}on{% endif %}" data-once>x</p>',
        '{# style="x" #}<p>x</p>',
    ],
)
def test_what_the_policy_allows_is_no_fault(fine):
    assert against_policy([("templates/x.html", fine)]) == []


@pytest.mark.parametrize(
    "planted",
    ["<p>Send it now.</p>", '<button aria-label="Close">×</button>', "{{ deal }} was approved", "<h1>Your\ndeals</h1>"],
)
def test_a_bare_sentence_is_found(planted):
    assert len(untranslated([("templates/x.html", planted)])) >= 1


@pytest.mark.parametrize(
    "fine",
    [
        '<p>{% translate "Send it now." %}</p>',
        "{% blocktranslate %}Send {{ deal }} now.{% endblocktranslate %}",
        "{% comment %}Frame of pages{% endcomment %}{# of us #}",
        '<p class="a b" aria-label="{% translate "Close" %}">{{ deal.name }} · 3</p>',
    ],
)
def test_translated_sentences_are_no_fault(fine):
    assert untranslated([("templates/x.html", fine)]) == []


# --- sentences in code ------------------------------------------------------------------------------------------------

_SAYING = {"Refused", "Forbidden", "Stale", "IllegalTransition", "ValidationError", "Column", "Fact", "Tag", "Action"}
_LABELS = {"label", "help_text", "verbose_name", "said", "title", "heading"}


def untranslated_in_code(modules: Iterable[Module]) -> list[str]:
    """Sentences that code shows to people as they are: of refusals, labels, columns and messages."""
    return [
        f"{m.where(call)} {ast.unparse(node)}"
        for m in modules
        if not m.path.startswith("core/api") and not m.is_command
        for call in m.calls()
        for node in _said(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_sentence(node.value)
    ]


def _said(call: ast.Call) -> list[ast.expr]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "Actor":  # a name, kept with what it did
        return []
    first = call.args[:1] if name in _SAYING else []
    message = call.args[1:2] if ast.unparse(call.func).startswith("messages.") else []
    return [*first, *message, *(k.value for k in call.keywords if k.arg in _LABELS)]


def _is_sentence(words: str) -> bool:
    return bool(set(_WORDS.findall(words)) - NAMES) and (" " in words or words[:1].isupper())


def test_every_sentence_of_the_code_can_be_translated():
    none(untranslated_in_code(program()))


@pytest.mark.parametrize(
    "planted",
    [
        'raise Refused("This is closed.")',
        'Column("Customer")',
        'forms.CharField(label="Your name")',
        'messages.success(request, "Saved.")',
        'Action(services.approve, said="Approved.")',
    ],
)
def test_a_bare_sentence_in_code_is_found(planted):
    assert len(untranslated_in_code([Module("deals/portal.py", planted)])) == 1


@pytest.mark.parametrize("fine", ['raise Refused(_("This is closed."))', 'Tag(words, "good")', 'Fact(_("Value"), 1)'])
def test_a_translated_sentence_in_code_is_no_fault(fine):
    assert untranslated_in_code([Module("deals/portal.py", fine)]) == []
