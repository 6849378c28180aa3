"""Both languages say the same things, and only the catalogues say anything."""

import ast
import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from feedback.article_figures import FLAGS
from feedback.costs import LIMITS
from feedback.gaps import DISMISSALS, GAP_KINDS, GAP_STEPS
from feedback.gaps import STATES as GAP_STATES
from feedback.outcomes import EVIDENCE
from feedback.proofs import PROOF_STATES
from feedback.question_rows import STATES
from feedback.replay import VERDICTS
from feedback.targets import GOALS, LIGHTS, WHYS
from feedback.votes import REASONS
from indexer.hits import OUTCOMES
from indexer.ranking import FEATURES
from indexer.weights import read_weights
from kb.account_rules import ROLES
from kb.lint_words import WORDS
from portal.addresses import address, contact_address
from portal.audit_words import ACTIONS, PARTS
from portal.messages import Messages, choose_language, read_catalogue
from portal.target_words import PART_UNITS

PORTAL = Path(__file__).parents[2] / "portal"
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_catalogues_have_the_same_keys():
    assert read_catalogue("en").keys() == read_catalogue("zh").keys()


@pytest.mark.parametrize("key", sorted(read_catalogue("en").keys() - {"day", "day_of_year"}))
def test_both_sentences_take_the_same_values_and_say_something(key):
    english, chinese = read_catalogue("en")[key], read_catalogue("zh")[key]
    assert placeholders(english) == placeholders(chinese)
    assert english.strip() and chinese.strip()


def test_every_message_is_used_and_every_used_message_exists():
    code = "\n".join(path.read_text(encoding="utf-8") for path in PORTAL.rglob("*") if path.suffix in (".py", ".html"))
    named = {key for key in re.findall(r"""\b(?:t|other)\(\s*f?["'](\w+)["']""", code) if key != "key" and not key.endswith("_")}
    named |= {key for pair in re.findall(r'\bt\("(\w+)" if [^)]*? else "(\w+)"', code) for key in pair if not key.endswith("_")}
    counted = {f"{key}_{form}" for key in re.findall(r'\.counted\("(\w+)"', code) for form in ("one", "other")}
    looked_up = set(re.findall(r'"(vote_yes|vote_no)"', code)) | {"language_en", "language_zh", "day"}
    looked_up |= {f"outcome_{outcome}" for outcome in OUTCOMES} | {f"explain_{name}" for name in FEATURES if name != "title"}
    looked_up |= {"explain_title_part"} | {f"explain_confidence_{name}" for name in read_weights()["confidence"] if name != "bias"}
    looked_up |= {f"role_{role}" for role in ROLES} | {f"verdict_{verdict}" for verdict in VERDICTS}
    looked_up |= {f"lint_{code.replace('-', '_').replace('.', '_')}{end}" for code in WORDS for end in ("", "_remedy")}
    looked_up |= {f"proof_{state}" for state in PROOF_STATES}
    looked_up |= {f"{head}_{kind}" for head in ("kind", "fix") for kind in GAP_KINDS} | {f"gap_state_{state}" for state in GAP_STATES}
    looked_up |= {f"evidence_{name}" for name in (*EVIDENCE, "question")} | {f"dismissal_{reason}" for reason in DISMISSALS}
    looked_up |= {f"assumption_{name}" for name in LIMITS} | {f"step_{action}" for action in GAP_STEPS}
    looked_up |= {f"vote_reason_{reason}" for reason in REASONS} | {f"state_{state}" for state in STATES}
    looked_up |= {f"{head}_{flag}" for head in ("flag", "flag_why") for flag in FLAGS}
    looked_up |= {f"target_{name}{end}" for name in GOALS for end in ("", "_what", "_counted")} | {f"target_why_{why}" for why in WHYS}
    looked_up |= {f"light_{light}" for light in LIGHTS} | {f"part_{code}" for code in PART_UNITS}
    looked_up |= {f"audit_{subject}_{action}" for subject, actions in ACTIONS.items() for action in actions} | {f"audit_part_{name}" for name in PARTS}
    assert named | counted | looked_up == set(read_catalogue("en"))


@pytest.mark.parametrize("path", sorted((PORTAL / "templates").glob("*.html")), ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(path):
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    attributes = re.findall(r'(?:aria-label|placeholder|title|alt|description" content)="([^"]*)"', text)
    text = re.sub(r"<[^>]*>", " ", text)
    assert not re.findall(r"[^\W\d_]{2,}", text), "a sentence outside the catalogue"
    assert not re.findall(r"[^\W\d_]{2,}", " ".join(attributes)), "an attribute outside the catalogue"


@pytest.mark.parametrize("path", sorted([*PORTAL.glob("pages/*.py"), *PORTAL.glob("components/*.py")]), ids=lambda path: path.name)
def test_a_page_holds_no_sentence_of_its_own(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
    }
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    said = [text for text in texts if text not in docstrings and (CHINESE.search(text) or re.match(r"[A-Z]\w+ \w+", text))]
    assert said == []


def test_a_date_and_a_count_are_written_the_readers_way():
    en, zh = Messages("en"), Messages("zh")
    assert (en.day(date(2026, 11, 2)), zh.day(date(2026, 11, 2))) == ("2 Nov 2026", "2026年11月2日")
    assert (en.counted("results", 1), en.counted("results", 2)) == ("1 result", "2 results")


@pytest.mark.parametrize(
    ("wishes", "lang"),
    [
        (("zh-CN",), "zh"),
        ((None, "", "zh_TW"), "zh"),
        (("fr-FR,de;q=0.8,zh;q=0.5,en;q=0.3",), "zh"),
        (("en", "zh"), "en"),
        (("../../etc",), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_that_the_portal_speaks_wins(wishes, lang):
    assert choose_language(*wishes) == lang


def test_an_id_or_query_cannot_leave_its_place_in_an_address():
    assert address("article", id='a&b"><#c', anchor="多 久") == "/article?id=a%26b%22%3E%3C%23c#%E5%A4%9A%20%E4%B9%85"
    assert address("home", q="", lang=None) == "/"


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("help@acme.example", "mailto:help@acme.example"),
        ("https://acme.example/support", "https://acme.example/support"),
        ("javascript:alert(1)", ""),
        ("javascript:alert(1)//@", "mailto:javascript%3Aalert%281%29%2F%2F@"),
        ("call us", ""),
        ("", ""),
    ],
)
def test_only_a_mail_or_web_address_becomes_a_contact_link(contact, link):
    assert contact_address(contact) == link
