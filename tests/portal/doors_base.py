"""A base of which most is kept from most people, and everybody who may come to its doors."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from PIL import Image

from feedback.audience import Visit
from feedback.searches import SearchLog
from indexer.hits import Answer
from kb.accounts import Account, Accounts
from kb.readers import PUBLIC, STAFF, Reader, Scope
from kb.settings import Settings
from portal.context import SESSION_COOKIE
from portal.forms import STAFF_COOKIE
from portal.knowledge import KnowledgeBase, open_knowledge_base

PASSWORD = "four words of my own"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
QUERY = "how do I get a refund"
"""Every article answers it a little."""


@dataclass(frozen=True)
class Kept:
    """An article. `marks` are words that stand in its id, title, text, tags, product and image, and nowhere else: where one is, something of it is out."""

    id: str
    title: str
    text: str
    marks: tuple[str, ...] = ()
    visibility: str = "public"
    status: str = "published"
    group: str = ""
    product: str = ""
    tag: str = ""
    old: str = ""
    """The address that it had before."""
    image: str = ""
    """The name of the image that lies beside it."""

    @property
    def markdown(self) -> str:
        named = {"groups": self.group, "tags": self.tag, "redirect_from": self.old}
        lists = [f"{name}: [{value}]" for name, value in named.items() if value]
        front = [f"visibility: {self.visibility}", f"status: {self.status}", "updated: 2026-11-02", *lists, *([f"product: {self.product}"] if self.product else [])]
        shown = f"\n\n![A picture]({self.image})" if self.image else ""
        return "\n".join(["---", *front, "---", f"# {self.title}", "", f"{self.text}{shown}", ""])

    @property
    def image_path(self) -> str:
        return f"{self.id.rpartition('/')[0]}/{self.image}" if self.image else ""

    @property
    def category(self) -> str:
        """Its category, if no other article is in it."""
        name = self.id.split("/")[1]
        return "" if name == "guide" else name


HERON = Kept("en/guide/heron", "How do I get my money back", "Open the order and choose Refund. Your money arrives in three days.", tag="money", image="heron.png")
IBIS = Kept("en/guide/ibis", "Choose colours", "Colours are chosen in the settings.", old="en/guide/ibis-before")
WALRUS = Kept(
    "en/walrusland/limits", "Refunds within the Tuskery plan", "The money of a refund arrives with blubberance.", ("walrusland", "tuskery", "blubberance"),
    visibility="customers",
)  # fmt: skip
QUOKKA = Kept(
    "en/quokkaland/discounts", "Refunds of Setonix customers", "Gold customers get a refund at once by smilewort.",
    ("quokkaland", "setonix", "smilewort", "quokkatag", "quokkabefore", "quokkashot"),
    visibility="customers", group="gold", tag="quokkatag", old="en/quokkabefore", image="quokkashot.png",
)  # fmt: skip
NARWHAL = Kept(
    "en/narwhalland/export", "Refunds of Monodontal orders", "Press the spiralhorn and the refund is on its way.",
    ("narwhalland", "monodontal", "spiralhorn", "narwhalware", "narwhaltag", "narwhalshot"),
    visibility="customers", product="narwhalware", tag="narwhaltag", image="narwhalshot.png",
)  # fmt: skip
OKAPI = Kept(
    "en/okapiland/escalation", "Refunds that Giraffidity refuses", "Refuse the refund and say stripebark.",
    ("okapiland", "giraffidity", "stripebark", "okapiware", "okapitag", "okapibefore", "okapishot"),
    visibility="internal", product="okapiware", tag="okapitag", old="en/okapibefore", image="okapishot.png",
)  # fmt: skip
HERON_ZH = Kept("zh/guide/heron", "鹭暗号：怎么退款", "退款之前先说羽衣密令，再打开订单。", ("鹭暗号", "羽衣密令"), visibility="internal")
"""The other half of a pair of which everybody may read the English one."""
SHADOW = Kept("en/guide/ibis-before", "Shadowibex colours", "Umbrageous colours are for the team.", ("shadowibex", "umbrageous"), visibility="internal")
"""Written at the address that a public article had before. To everybody else that still leads there, as if there were nothing."""
DRAFT = Kept("en/axolotland/soon", "Refunds by Salamandrine", "A refund grows back like a gillfrond.", ("axolotland", "salamandrine", "gillfrond"), status="draft")

OPEN = (HERON, IBIS)
RESTRICTED = (WALRUS, QUOKKA, NARWHAL, OKAPI, HERON_ZH, SHADOW, DRAFT)
ALL = (*OPEN, *RESTRICTED)

_PUBLISHED = {article for article in RESTRICTED if article.status == "published"}
MAY_READ = {
    "nobody": set(),
    "reader": {WALRUS, NARWHAL},
    "reader of the group": {WALRUS, NARWHAL, QUOKKA},
    "reader of the product": {WALRUS, NARWHAL},
    "reader of another product": {WALRUS},
    "agent": _PUBLISHED,
    "lead": _PUBLISHED,
    "administrator": _PUBLISHED,
    "disabled a moment ago": set(),
    "lowered a moment ago": {WALRUS, NARWHAL},
}
"""Who comes to the doors, and what of RESTRICTED they may read there."""
PEOPLE = tuple(MAY_READ)
ROLE_OF = dict(zip(PEOPLE, ("", "reader", "reader", "reader", "reader", "agent", "lead", "administrator", "", "reader"), strict=True))
"""The role that each of them has at this moment."""
ROLES = ("", "reader", "agent", "lead", "administrator")
_RIGHTS = {"reader of the group": {"groups": ["gold"]}, "reader of the product": {"products": ["narwhalware"]}, "reader of another product": {"products": ["penguinware"]}}
_BEFORE = {"disabled a moment ago": "administrator", "lowered a moment ago": "lead"}


def has_role(who: str, role: str) -> bool:
    """Whether that person has at least the role."""
    return ROLES.index(ROLE_OF[who]) >= ROLES.index(role)


def kept_from(who: str, *, among: tuple[Kept, ...] = RESTRICTED) -> tuple[Kept, ...]:
    """The articles that this person may not read."""
    return tuple(article for article in among if article not in MAY_READ[who])


def come_out(content: bytes | str, articles: tuple[Kept, ...], *, asked: str = "") -> list[str]:
    """Marks of these articles that stand in the content. What is `asked` comes back in the answer's own words and tells nothing."""
    text = (content if isinstance(content, str) else content.decode("utf-8", "replace")).casefold()
    return [mark for article in articles for mark in article.marks if mark in text and mark not in asked.casefold()]


def png(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2), (number, 0, 0)).save(file, "PNG")
    return file.getvalue()


@dataclass
class DoorsBase:
    """The base, indexed. `tokens` are the sign-ins, by person; `reference` is of a question about QUOKKA whose asker was told of OKAPI; `gap` is of
    customers who searched for a word of QUOKKA's."""

    settings: Settings
    knowledge: KnowledgeBase
    tokens: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    gap: int = 0

    def cookies(self, who: str) -> dict[str, str]:
        """What this person's browser sends."""
        signed_in = {STAFF_COOKIE: self.tokens[who]} if who in self.tokens else {}
        return {SESSION_COOKIE: self.session(who), **signed_in}

    def session(self, who: str) -> str:
        return f"browser-of-{who.replace(' ', '-')}"

    def account(self, who: str) -> Account | None:
        return Accounts(self.settings.database).account_of(self.tokens.get(who, ""))

    def reader(self, who: str) -> Reader:
        account = self.account(who)
        return account.reader if account else PUBLIC


def build_base(folder: Path, model: str) -> DoorsBase:
    """Everything of ALL, indexed; people signed in; searches, opened articles, votes, a question and a gap about what is kept from most."""
    settings = Settings(articles=folder / "articles", data=folder / "data", model=model, title="Acme Help", time_zone="UTC")
    for number, article in enumerate(ALL):
        file = settings.articles / f"{article.id}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(article.markdown, encoding="utf-8")
        if article.image:
            file.with_name(article.image).write_bytes(png(number))
    base = DoorsBase(settings, open_knowledge_base(settings))
    base.knowledge.index()
    _sign_in(base)
    _leave_traces(base)
    _ask(base)
    return base


def _sign_in(base: DoorsBase) -> None:
    accounts = Accounts(base.settings.database, hasher=CHEAP)
    for who in PEOPLE[1:]:
        accounts.add(who, _BEFORE.get(who, ROLE_OF[who]), PASSWORD, **_RIGHTS.get(who, {}))
        base.tokens[who] = accounts.sign_in(who, PASSWORD, address="203.0.113.7")
    accounts.disable("disabled a moment ago")
    accounts.set_role("lowered a moment ago", "reader")


def _leave_traces(base: DoorsBase) -> None:
    """Under every session everything was found, opened and voted on: when whoever sat there was allowed to."""
    log = SearchLog(base.settings.database)
    everything = base.knowledge.search(QUERY, scope=Scope(STAFF), prefer="en")
    for number, who in enumerate((*PEOPLE, "somebody")):
        session = base.session(who)
        log.record(text=QUERY, lang="en", visit=Visit(session, f"203.0.113.{number}"), source="portal", answer=everything, scope=Scope(STAFF))
        for article in ALL:
            log.record_open(article.id, session=session, search_id=None)
            base.knowledge._votes.cast(article.id, True, session=session)


def _ask(base: DoorsBase) -> None:
    visit, text = Visit("browser of a gold customer", "198.51.100.1"), "Where is my Setonix parcel"
    asked = base.knowledge.ask_team(text, visit=visit, contact="anna@example.com", consent=True, article=QUOKKA.id, reader=base.reader("reader of the group"))
    desk = base.knowledge.desk(base.account("agent"))
    desk.tell(asked.id, OKAPI.id)
    failed = Answer("setonix parcel", "en", (), 0.1, "failed", 1.0)
    log = SearchLog(base.settings.database)
    for number in range(3):
        log.record(text=failed.query, lang="en", visit=Visit(f"gold customer {number}", f"198.51.100.{number}"), source="portal", answer=failed)
    base.knowledge.update_gaps(classify=False)
    base.reference, base.gap = asked.reference, desk.gaps()[0].id
