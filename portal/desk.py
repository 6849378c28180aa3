"""What staff can do, in the name of one account: every method asks for the role it needs, whoever calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from feedback.alias_suggestions import Suggestion, suggest_aliases
from feedback.costs import Assumptions, read_assumptions, write_assumption
from feedback.gap_drafts import GapReply, read_reply
from feedback.gap_list import Gap, GapDetail, GapFilter, has_gaps, list_choices, list_gaps, list_single, read_gap
from feedback.gaps import Gaps
from feedback.keeper import GapKeeper, Update
from feedback.moments import stamp, utc_now
from feedback.periods import last_days
from feedback.personal_data import PersonalData
from feedback.proofs import Proof, read_proofs
from feedback.questions import Question, QuestionList, Questions
from feedback.replaying import Replayer
from feedback.self_service import SelfService, count_self_service
from feedback.synonym_suggestions import SynonymFinder, SynonymSuggestion
from feedback.telling import Telling, Waiting, list_waiting
from feedback.trails import TrailStep
from kb.accounts import Account
from kb.article_files import read_article_file
from kb.articles import Article, parse_article
from kb.audited import Audited
from kb.database import read, write
from kb.errors import StaffOnly
from kb.settings import Settings
from kb.synonyms_file import SYNONYMS_FILE, add_group
from portal.saving import Saver


class Desk:
    """The team's side of the knowledge base. Raises StaffOnly when the account lacks the role for what is asked."""

    def __init__(
        self, account: Account | None, settings: Settings, update: Callable[[], Update], keeper: GapKeeper, questions: Questions, *, replayer: Replayer, synonyms: SynonymFinder,
        saver: Saver, now=utc_now,
    ) -> None:  # fmt: skip
        self._account, self._settings, self._update, self._keeper, self._questions, self._now = account, settings, update, keeper, questions, now
        self._replayer, self._synonyms, self._saver, self._telling = replayer, synonyms, saver, Telling(settings.database, now=now)
        self._gaps = Gaps(settings.database, represent=keeper.represent, now=now)
        self._people = PersonalData(settings.database, represent=keeper.represent, now=now)
        self._audited = Audited(settings.database, self._need("agent"), now=now)

    # Gaps

    def refresh(self) -> Update:
        """Bring the gaps up to now; comes back at once when another process is at it."""
        self._need("agent")
        return self._update()

    def gaps(self, chosen: GapFilter = GapFilter()) -> tuple[Gap, ...]:
        """The gaps that pass the filter, highest expected cost first."""
        self._need("agent")
        with read(self._settings.database) as database:
            return list_gaps(database, chosen, now=self._now())

    def reopened_mine(self) -> tuple[Gap, ...]:
        """Gaps of this account that were closed and have come back."""
        return self.gaps(GapFilter(owner=self._need("agent"), state="reopened"))

    def choices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(products, owners) that a filter can name."""
        self._need("agent")
        with read(self._settings.database) as database:
            return list_choices(database)

    def has_gaps(self) -> bool:
        """Whether there is any gap, in whatever state."""
        self._need("agent")
        with read(self._settings.database) as database:
            return has_gaps(database)

    def gap(self, gap: int) -> GapDetail:
        """One gap whole. Raises GapError."""
        self._need("agent")
        with read(self._settings.database) as database:
            return read_gap(database, gap, now=self._now())

    def single(self, *, limit: int = 50) -> tuple[tuple[str, str, str], ...]:
        """(text, language, time) of what one visit alone failed to find, latest first."""
        self._need("agent")
        with read(self._settings.database) as database:
            return list_single(database, limit=limit)

    def assign(self, gap: int, owner: str, *, due: str = "") -> None:
        self._gaps.assign(gap, owner, due=due, account=self._need("agent"))

    def close(self, gap: int, evidence: str) -> None:
        self._gaps.close(gap, evidence, account=self._need("agent"))

    def dismiss(self, gap: int, reason: str, *, note: str = "") -> None:
        self._gaps.dismiss(gap, reason, note=note, account=self._need("agent"))

    def reopen_gap(self, gap: int, *, why: str = "") -> None:
        self._gaps.reopen(gap, why=why, account=self._need("agent"))

    def note_gap(self, gap: int, text: str) -> None:
        self._gaps.note(gap, text, account=self._need("agent"))

    def rename(self, gap: int, title: str) -> None:
        self._gaps.rename(gap, title, account=self._need("agent"))

    def classify(self, gap: int, kind: str) -> None:
        self._gaps.classify(gap, kind, account=self._need("agent"))

    def merge(self, gap: int, into: int) -> None:
        self._gaps.merge(gap, into, account=self._need("agent"))

    def split(self, gap: int, items: Sequence[tuple[str, int]]) -> int:
        return self._gaps.split(gap, items, account=self._need("agent"))

    # Closing gaps with proof

    def gap_reply(self, gap: int, lang: str) -> GapReply | None:
        """What a person answered to somebody who asked for it."""
        self._need("agent")
        with read(self._settings.database) as database:
            return read_reply(database, gap, lang)

    def draft_gap(self, gap: int, article: str) -> None:
        """Note that the article is being written for the gap."""
        self._gaps.draft(gap, article, account=self._need("agent"))

    def proofs(self, gap: int) -> tuple[Proof, ...]:
        """What replays showed when articles were published for the gap, latest first."""
        self._need("agent")
        with read(self._settings.database) as database:
            return read_proofs(database, gap=gap)

    def waiting(self, gap: int) -> tuple[Waiting, ...]:
        """The gap's customers who agreed to be contacted."""
        self._need("agent")
        with read(self._settings.database) as database:
            return list_waiting(database, gap)

    def tell(self, question: int, article: str) -> None:
        """Note that whoever asked was told of the article."""
        self._telling.told(question, article, account=self._need("agent"))

    def suggest_aliases(self, gap: int) -> Suggestion | None:
        """Customers' words that would let the gap's article be found; None when no published article is concerned. Takes some seconds."""
        detail = self.gap(gap)
        published = self._unfindable(detail)
        if published is None:
            return None
        return suggest_aliases(published, gap=detail.gap.id, wordings=[wording.text for wording in detail.wordings], replayer=self._replayer)

    def suggest_synonyms(self, gap: int) -> tuple[SynonymSuggestion, ...]:
        """Customers' words that mean the same as words of the gap's article, by which it would be found; empty when no published article is concerned.
        Takes some seconds."""
        detail = self.gap(gap)
        published = self._unfindable(detail)
        return self._synonyms.suggest(detail, published) if published else ()

    def add_synonyms(self, phrases: Sequence[str]) -> None:
        """Write the group into the synonyms file, and into its history where there is one; whoever calls has the index follow. Raises SynonymsError."""
        account = self._need("agent")
        with self._audited.act() as line:
            add_group(self._settings.articles, phrases)
            # How many: they are customers' words.
            line("added", "synonyms", detail=f"phrases: {len(phrases)}")
        self._saver.commit([SYNONYMS_FILE], f"Synonyms: {', '.join(phrases)}", account)

    def _unfindable(self, detail: GapDetail) -> Article | None:
        """The article that answers the gap and is not found, as its file says."""
        article = detail.gap.reason.article
        if detail.gap.kind != "unfindable" or not article:
            return None
        return parse_article(read_article_file(self._settings.articles, article).text, id=article)

    # What costs rest on

    def assumptions(self) -> Assumptions:
        self._need("agent")
        with read(self._settings.database) as database:
            return read_assumptions(database)

    def assume(self, name: str, value: float) -> None:
        """Change one assumption; leads do. Raises AssumptionError."""
        account = self._need("lead")
        with write(self._settings.database) as database:
            write_assumption(database, name, value, account=account, at=stamp(self._now()))

    def self_service(self, *, days: float) -> SelfService:
        """How the needs of the last `days`, today included, ended."""
        self._need("agent")
        with read(self._settings.database) as database:
            return count_self_service(database, last_days(int(days), now=self._now(), zone=self._settings.zone))

    # Questions to the team

    def questions(self, *, state: str | None = None, limit: int = 50, offset: int = 0) -> QuestionList:
        self._need("agent")
        return self._questions.list(state=state, limit=limit, offset=offset)

    def find_question(self, reference: str) -> Question | None:
        self._need("agent")
        return self._questions.find(reference)

    def trail(self, question: int) -> tuple[TrailStep, ...]:
        """What the question's visitor tried before."""
        self._need("agent")
        return self._questions.trail(question)

    def acknowledge(self, question: int) -> None:
        self._questions.acknowledge(question, account=self._need("agent"))

    def reply(self, question: int, text: str) -> None:
        self._questions.reply(question, text, account=self._need("agent"))

    def close_question(self, question: int) -> None:
        self._questions.close(question, account=self._need("agent"))

    def draft_question(self, question: int) -> str:
        """Write the reply as a draft article and return its id; the gap that holds the question is then being drafted."""
        account = self._need("agent")
        article = self._questions.to_draft(question, account=account, folder=self._settings.articles)
        self._gaps.draft_for_question(question, article, account=account)
        return article

    # What is kept of a person

    def count_person(self, **who: str) -> dict[str, int]:
        """How many searches, opens, votes and questions are kept of the person that `pseudonym`, `contact` or `reference` names."""
        self._need("agent")
        return {name: len(rows) for name, rows in self._people.export(**who).items() if name != "sessions"}

    def export_person(self, **who: str) -> dict[str, list]:
        """What is kept of that person. The audit log has who took it and how much it was, not whose it is: that could never be erased."""
        self._need("agent")
        found = self._people.export(**who)
        counts = [f"{name}: {len(rows)}" for name, rows in found.items() if rows and name != "sessions"]
        self._audited.note("exported", "person", detail=", ".join([*(f"by: {name}" for name in who), *counts]))
        return found

    def erase_person(self, **who: str) -> dict[str, int]:
        """Erase it for good; leads do."""
        return self._people.erase(**who, account=self._need("lead"))

    # Files that are taken along

    def note_export(self, file: str) -> None:
        """Write down that the account took a file of figures along, as it is called."""
        self._need("agent")
        self._audited.note("exported", "file", file)

    def _need(self, role: str) -> str:
        """The account's name, if it has at least the role."""
        if self._account is None or not self._account.may(role):
            raise StaffOnly(f"this needs an account with the role {role}; sign in with one")
        return self._account.name
