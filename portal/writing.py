"""What staff can write, in the name of one account: every method asks for the role it needs, whoever calls it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime

from feedback.gaps import gap_of_draft
from feedback.moments import utc_now
from feedback.proofs import Proofs, check_reason
from feedback.replay import Replay
from kb.accounts import Account
from kb.article_files import ArticleFile, read_article_file, rename_article_file, save_article_file
from kb.article_history import ArticleHistory, Revision
from kb.article_images import store_image
from kb.article_templates import read_template
from kb.articles import Article, parse_article
from kb.audited import Audited
from kb.drafts import make_slug, write_draft
from kb.errors import ArticleError, ArticleNotFound, StaffOnly
from kb.front_fields import set_fields
from kb.rendering import Rendered, RenderWorker
from kb.settings import Settings
from kb.workflow import WorkflowError, move_article
from kb.workspace import Comment, Kept, Workspace
from portal.article_list import ArticleShelf, Shelf
from portal.saving import Saved, Saver, with_state_of, write_subject

LOG = logging.getLogger("kb.portal")

MESSAGES = {"review": "Submit for review", "draft": "Back to draft", "archived": "Archive"}


@dataclass(frozen=True)
class Opened:
    """An article as an account finds it: its file (None when it is gone), and the text that the account kept without saving."""

    file: ArticleFile | None
    kept: Kept | None


class WritingDesk:
    """The team's writing. Raises StaffOnly when the account lacks the role for what is asked."""

    def __init__(
        self, account: Account | None, settings: Settings, *, shelf: ArticleShelf, renderer: RenderWorker, history: ArticleHistory,
        publish: Callable[[], Future], replay: Callable[..., Replay], now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self._account, self._folder, self._now = account, settings.articles, now
        self._shelf, self._renderer, self._history, self._saver = shelf, renderer, history, Saver(history, publish)
        self._workspace, self._proofs, self._replay = Workspace(settings.database, now=now), Proofs(settings.database, now=now), replay
        self._audited = Audited(settings.database, self._need("agent"), now=now)

    # All articles

    def shelf(self) -> Shelf:
        """Every article as its file says now, and the files that are none."""
        self._need("agent")
        return self._shelf.look()

    def create(self, kind: str, lang: str, *, title: str, folder: str) -> str:
        """Write a draft from the template of that kind and return its id. Raises ArticleError."""
        self._need("agent")
        name = make_slug(title) or kind.replace("_", "-")
        return self.begin(f"{folder.strip().strip('/')}/{name}".lstrip("/"), read_template(kind, lang, title=title.strip()))

    def begin(self, path: str, text: str) -> str:
        """Write the text as a new draft at that path, or beside it when that is taken, and return its id. Raises ArticleError."""
        account = self._need("agent")
        with self._audited.act() as line:
            article = write_draft(self._folder, f"{path}.md", text)
            line("created", "article", article)
        file = read_article_file(self._folder, article)
        self._saver.record(file, f"New: {parse_article(text, id=article).title}", account)
        return article

    def read(self, article: str) -> ArticleFile:
        """The article's file. Raises ArticleNotFound."""
        self._need("agent")
        return read_article_file(self._folder, article)

    # One article's text

    def open(self, article: str) -> Opened:
        """The article and what this account kept of it. Raises ArticleNotFound when there is neither."""
        account = self._need("agent")
        file, kept = self.on_disk(article), self._workspace.kept(article, account=account)
        if file is None and kept is None:
            raise ArticleNotFound(article)
        return Opened(file, kept)

    def on_disk(self, article: str) -> ArticleFile | None:
        """The article's file as it is now; None when it is gone."""
        self._need("agent")
        try:
            return read_article_file(self._folder, article)
        except ArticleNotFound:
            return None

    def keep(self, article: str, text: str, *, base_version: str | None) -> None:
        """Keep what is typed, for this account alone, until it is saved or discarded."""
        account = self._need("agent")
        self._workspace.keep(article, text, base_version=base_version, account=account)

    def discard(self, article: str) -> None:
        self._workspace.discard(article, account=self._need("agent"))

    def preview(self, article: str, text: str) -> tuple[Article, Rendered]:
        """The article that the text would be, and its page as customers would see it. Raises ArticleError naming line and remedy."""
        self._need("agent")
        parsed = parse_article(text, id=article)
        return parsed, self._renderer.render(parsed)

    def save(self, article: str, text: str, *, version: str | None, message: str = "") -> Saved:
        """Write the text over `version` of the file. Raises EditConflict when somebody else saved first, ArticleError when it is no article,
        WorkflowError when its status is not what it was: statuses move by `move` and `publish`."""
        account = self._need("agent")
        parsed, before = parse_article(text, id=article), self._status_of(article)
        if parsed.status == "published" and before in ("published", None):
            raise WorkflowError("published", "what is saved in a published article is public at once; publish the changes instead")
        if before is not None and parsed.status != before:
            fact = f"status is {parsed.status!r} in the text and {before!r} in the file; set it back, then take the step"
            raise WorkflowError("status_by_hand", fact, now=before, wanted=parsed.status)
        return self._write(article, text, version=version, message=write_subject("Edit", parsed.title, message), account=account, action="saved")

    def move(self, article: str, text: str, status: str, *, version: str, message: str = "") -> Saved:
        """Write the text with another status than published: into review, back to draft, into the archive. Raises as `save` does."""
        account, before = self._need("agent"), parse_article(text, id=article).status
        moved = move_article(text, status, account=account, on=self._today())
        told = write_subject(MESSAGES[status], parse_article(moved, id=article).title, message)
        return self._write(article, moved, version=version, message=told, account=account, action="moved", detail=f"{before} -> {status}")

    def replay(self, article: str, text: str, *, gap: int | None = None) -> Replay:
        """What customers' past searches say about this text; without a gap of its own, that of the field `gap` counts. Raises ArticleError."""
        self._need("agent")
        return self._replay(text, article, gap=self.gap_of(article, text, gap))

    def gap_of(self, article: str, text: str, gap: int | None = None) -> int | None:
        """The gap that a text is written for: the given one, else the one that its front matter names. Raises ArticleError."""
        self._need("agent")
        return gap if gap is not None else gap_of_draft(parse_article(text, id=article))

    def publish(
        self, article: str, text: str, *, version: str, alone: bool = False, gap: int | None = None, replay_reason: str = "", message: str = ""
    ) -> Saved:
        """Write the text as published: out of review by somebody else than who submitted it, or the changes to what is published already.

        `alone` publishes without a second person, which leads may, and which the article records. The text is replayed first, and what came of it is
        kept; once the index has it, the gap closes. `replay_reason` says why it is published although the replay advises against it: without one
        that raises ReplayRefused and nothing is written. Raises as `save` does.
        """
        return self._publish(article, text, version=version, alone=alone, gap=gap, why=replay_reason.strip(), message=message)

    def _publish(
        self, article: str, text: str, *, version: str, alone: bool = False, gap: int | None = None, why: str = "", message: str, action: str = "published"
    ) -> Saved:
        account, today = self._need("lead" if alone else "agent"), self._today()
        status = parse_article(text, id=article).status
        if status == "published":
            text = set_fields(text, {"published_by": account, "published_on": today})
        else:
            if alone and status == "draft":
                text = move_article(text, "review", account=account, on=today)
            text = move_article(text, "published", account=account, on=today, alone=alone)
        text = set_fields(text, {"updated": today})
        draft = parse_article(text, id=article)
        gap, replay = self.gap_of(article, text, gap), self.replay(article, text, gap=gap)
        check_reason(replay, why)
        told = write_subject("Publish", draft.title, message) + (f"\n\nReplay: {replay.verdict}" + (f"; {why}" if why else ""))
        noted = [*(["alone"] if alone else []), *(["against_advice"] if not replay.may_publish else [])]
        saved = self._write(article, text, version=version, message=told, account=account, action=action, detail=", ".join(noted))
        self._proofs.keep(article, replay, content_hash=saved.file.version, gap=gap, reason=why, account=account)
        return saved

    def rename(self, article: str, new_article: str, *, version: str) -> Saved:
        """Give the article another address; the old one leads to it. Raises EditConflict, ArticleError."""
        account = self._need("agent")
        before = read_article_file(self._folder, article)
        file = rename_article_file(self._folder, article, new_article.strip().strip("/").removesuffix(".md"), version=version)
        # After it, not around it: all articles are read for it, and customers' votes would wait for so long.
        self._audited.note("renamed", "article", file.id, detail=f"{article} -> {file.id}")
        self._workspace.rename(article, file.id)
        return self._saver.record(file, f"Move: {article} to {file.id}", account, also=(before.path,))

    def add_image(self, article: str, name: str, content: bytes) -> str:
        """Store an image beside the article and return its path for Markdown. Raises ImageError, and ArticleNotFound without the article."""
        account = self._need("agent")
        read_article_file(self._folder, article)
        path = store_image(self._folder, article, name, content)
        self._audited.note("image_added", "article", article, detail=path)
        self._saver.commit([f"{article.rpartition('/')[0]}/{path}".lstrip("/")], f"Image: {path}", account)
        return path

    # Review

    def comments(self, article: str) -> tuple[Comment, ...]:
        self._need("agent")
        return self._workspace.comments(article)

    def comment(self, article: str, text: str) -> None:
        self._workspace.comment(article, text, account=self._need("agent"))

    def resolve(self, comment: int) -> None:
        self._workspace.resolve(comment, account=self._need("agent"))

    # History

    @property
    def has_history(self) -> bool:
        """Whether the articles' folder is in a Git repository and Git is installed."""
        return self._history.available

    def revisions(self, article: str) -> tuple[Revision, ...]:
        """Who saved it, when and why, latest first; empty without history. Raises ArticleNotFound."""
        self._need("agent")
        return self._history.revisions(read_article_file(self._folder, article).path) if self.has_history else ()

    def text_at(self, revision: Revision) -> str:
        self._need("agent")
        return self._history.text_at(revision.id, revision.path)

    def restore(self, article: str, revision: Revision, *, version: str) -> Saved:
        """Save the text of that revision anew, on top of the others. Its state stays what it is now: an old text publishes nothing, and what is
        published is replayed like any change to it. Raises as `publish` does."""
        account, now = self._need("agent"), read_article_file(self._folder, article)
        text = with_state_of(now.text, self.text_at(revision))
        title = parse_article(text, id=article).title
        if parse_article(text, id=article).status == "published":
            return self._publish(article, text, version=version, message=f"restored {revision.at:%Y-%m-%d %H:%M} UTC", action="restored")
        told = f"Restore: {title} ({revision.at:%Y-%m-%d %H:%M} UTC)"
        return self._write(article, text, version=version, message=told, account=account, action="restored")

    def _write(self, article: str, text: str, *, version: str | None, message: str, account: str, action: str, detail: str = "") -> Saved:
        with self._audited.act() as line:
            file = save_article_file(self._folder, article, text, version=version)
            line(action, "article", article, detail=f"{detail}, text: {file.version[:12]}" if detail else f"text: {file.version[:12]}")
        saved = self._saver.record(file, message, account)
        self._workspace.drop(article, account=account)
        return saved

    def _status_of(self, article: str) -> str | None:
        """The status that the file has; None when there is no file or it is broken."""
        file = self.on_disk(article)
        try:
            return parse_article(file.text, id=article).status if file else None
        except ArticleError:
            return None

    def _today(self) -> date:
        return self._now().astimezone().date()

    def _need(self, role: str) -> str:
        """The account's name, if it has at least the role."""
        if self._account is None or not self._account.may(role):
            raise StaffOnly(f"this needs an account with the role {role}; sign in with one")
        return self._account.name
