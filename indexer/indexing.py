"""Bring the index up to date with the articles folder: load, render, split, embed what changed, one transaction, swap."""

from __future__ import annotations

import fcntl
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer import store
from indexer.background import embed_background
from indexer.checksums import seal_articles, seal_base
from indexer.embedder import Embedder
from indexer.embeddings import Text, article_texts, passage_lead, token_codec
from indexer.passages import Passage, split_article
from indexer.vector_file import write_vector_file
from kb.articles import Article, Problem, load_articles, translations
from kb.blocks import split_blocks
from kb.database import migrate, read, write
from kb.errors import ArticleError, DatabaseError, IndexBusy
from kb.rendering import Rendered, RenderWorker
from kb.settings import Settings
from kb.synonyms_file import read_synonyms
from kb.text import segment

# Raise when rendering, splitting or segmenting changes what is stored: every article is then read again,
# and only texts that differ are embedded.
LAYOUT = 1
_CHECKPOINT = 64
_FRONT_MATTER_BYTES = 20_000
_RIGHTS = ("visibility", "status", "groups")
_SHOWN_TO = re.compile(r"^(visibility|status|groups)[ \t]*:[ \t]*['\"]?([^'\"#\r\n]*[^'\"#\s])?", re.MULTILINE)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class IndexReport:
    """What one run did. `embedded` counts texts, `seconds` wall time; `problems` are files that were left as they were."""

    articles: int
    passages: int
    changed: int
    removed: int
    embedded: int
    problems: tuple[Problem, ...]
    seconds: float
    generation: int


def index_articles(settings: Settings, embedder: Embedder, *, progress: Progress | None = None, full: bool = False) -> IndexReport:
    """Index `settings.articles`, and the synonyms beside them, into `settings.data`. `progress(done, total)` counts texts to embed.

    `full` reads, renders and embeds every article again. An article whose file has a problem keeps the version indexed last, if there is one. Raises IndexBusy when another process is indexing.
    """
    started = time.monotonic()
    with only_indexer(settings.data):
        migrate(settings.database)
        loaded, found = load_articles(settings.articles), read_synonyms(settings.articles)
        with read(settings.database) as database:
            state, before, known = store.read_state(database), store.content_hashes(database), store.read_synonyms(database)
        recipe = {"model": embedder.name, "layout": f"{LAYOUT}/{settings.passage_tokens}"}
        same_recipe = all(state.get(name) == value for name, value in recipe.items())
        changed = [a for a in loaded.articles if full or not same_recipe or before.get(a.id) != a.content_hash]
        kept = _ids_to_keep(loaded.problems, settings)
        removed = before.keys() - {article.id for article in loaded.articles} - kept
        prepared, problems, embedded = _prepare(changed, settings, embedder, progress=progress, again=full) if changed else ([], [], 0)
        generation = int(state.get("generation", 0))
        # A file that cannot be read is no reason to forget what it said.
        synonyms = known if found.synonyms is None else found.synonyms
        if prepared or removed or not same_recipe or synonyms != known or not generation:
            generation += 1
            with write(settings.database) as database:
                store.delete_articles(database, [*removed, *(each.article.id for each in prepared)])
                for each in prepared:
                    store.insert_article(database, each)
                store.write_links(database, translations(loaded.articles), loaded.articles)
                store.write_synonyms(database, synonyms)
                store.drop_unused_embeddings(database)
                store.write_state(database, identity=(generation > 1 and state.get("identity")) or secrets.token_hex(8), generation=generation, **recipe)
                seal_articles(database, [each.article.id for each in prepared])
        write_vector_file(settings)
        with read(settings.database) as database:
            articles, passages = database["articles"].count, database["passages"].count
    problems = (*loaded.problems, *found.problems, *problems)
    return IndexReport(articles, passages, len(prepared), len(removed), embedded, problems, time.monotonic() - started, generation)


def synonyms_are_indexed(settings: Settings) -> bool:
    """Whether the index holds the synonyms that the file holds now; a file that cannot be read changes nothing in it."""
    found = read_synonyms(settings.articles).synonyms
    with read(settings.database) as database:
        return found is None or found == store.read_synonyms(database)


def complete_background(database_path: Path, embedder: Embedder) -> None:
    """Store what questions at large have in common where an index made by an earlier kb lacks a part of it. Does nothing before the first index."""
    with read(database_path) as database:
        if not store.read_background(database) or store.read_token_background(database) or store.read_state(database).get("model") != embedder.name:
            return
    background = embed_background(embedder, token_codec(embedder.name, embedder.dimension))
    with write(database_path) as database:
        store.write_background(database, background)
        seal_base(database)


def prepare_article(article: Article, worker: RenderWorker, *, passage_tokens: int, embedder: Embedder) -> tuple[store.PreparedArticle, list[Text]]:
    """Everything the index stores about an article but its vectors, and the texts to embed for them. Raises ArticleError."""
    rendered = worker.render(article)
    passages = split_article(article.id, split_blocks(rendered.html), max_tokens=passage_tokens, count_tokens=embedder.count_tokens)
    texts = article_texts(article, passages, max_tokens=embedder.max_tokens - 16, count_tokens=embedder.count_tokens)
    leads = embedder.count_tokens([passage_lead(article.title, passage) for passage in passages]) if passages else []
    return _prepare_article(article, rendered, list(zip(passages, leads, strict=True)), texts, embedder.name), texts


def _prepare(
    articles: Sequence[Article], settings: Settings, embedder: Embedder, *, progress: Progress | None, again: bool
) -> tuple[list[store.PreparedArticle], list[Problem], int]:
    """Everything to store for each article, its embeddings already in the database; and how many texts were embedded."""
    prepared, problems, to_embed = [], [], {}
    with RenderWorker() as worker:
        for article in articles:
            try:
                ready, texts = prepare_article(article, worker, passage_tokens=settings.passage_tokens, embedder=embedder)
            except ArticleError as fault:
                problems.append(Problem(fault.path, fault.line, fault.fact))
                continue
            to_embed |= {text.key(embedder.name): text.text for text in texts}
            prepared.append(ready)
    return prepared, problems, _embed(to_embed, settings, embedder, progress=progress, again=again)


def _prepare_article(article: Article, rendered: Rendered, passages: Sequence[tuple[Passage, int]], texts: Sequence[Text], model: str) -> store.PreparedArticle:
    title, aliases = segment(article.title), segment("\n".join(article.aliases))
    own = tuple((text.kind, text.key(model)) for text in texts if text.kind != "passage")
    keys: dict[int, list[str]] = {}
    for text in texts:
        if text.kind == "passage":
            keys.setdefault(text.position, []).append(text.key(model))
    parts = tuple(
        store.PreparedPassage(
            passage, (title, segment("\n".join(passage.headings)), segment(passage.text), aliases), tuple(keys[passage.position]), lead
        )
        for passage, lead in passages
    )
    return store.PreparedArticle(article, rendered, parts, own)


def _embed(texts: dict[str, str], settings: Settings, embedder: Embedder, *, progress: Progress | None, again: bool) -> int:
    """Embed and keep what is not kept yet (or everything `again`), in checkpoints: a run that is killed loses at most one."""
    with read(settings.database) as database:
        known = set() if again else store.known_keys(database, texts)
    # Alike lengths together: a batch is padded to its longest text.
    missing = sorted((key for key in texts if key not in known), key=lambda key: len(texts[key]))
    if not missing:
        return 0
    codec = token_codec(embedder.name, embedder.dimension)
    background = embed_background(embedder, codec)
    for start in range(0, len(missing), _CHECKPOINT):
        keys = missing[start : start + _CHECKPOINT]
        found = embedder.embed_passages([texts[key] for key in keys])
        rows = [(key, each.vector, codec.pack(each.tokens), background.late(codec.project(each.tokens))) for key, each in zip(keys, found, strict=True)]
        with write(settings.database) as database:
            store.insert_embeddings(database, rows)
            store.write_background(database, background)
            seal_base(database)
        if progress:
            progress(start + len(keys), len(missing))
    return len(missing)


def _ids_to_keep(problems: Sequence[Problem], settings: Settings) -> set[str]:
    """Ids whose last good version stays although their file has a problem.

    Not one whose front matter, broken as it is, names another visibility or status, or other groups, than what is indexed: somebody meant to hide it.
    """
    with read(settings.database) as database:
        shown = {id: dict(zip(_RIGHTS, row, strict=True)) for id, *row in database.execute("select id, visibility, status, groups from articles")}
    kept = set()
    for problem in problems:
        article = problem.path.rsplit(".", 1)[0]
        path = settings.articles / problem.path
        if article in shown and path.is_file() and not path.is_symlink():
            start = path.read_bytes()[:_FRONT_MATTER_BYTES].decode("utf-8", "replace")
            meant = dict(_SHOWN_TO.findall(start))
            # A list over several lines has no value on its own line: then nobody can tell, and it is withdrawn if it names groups at all.
            groups = sorted(filter(None, re.split(r"[\s,，、\[\]'\"]+", meant.pop("groups", ",".join(json.loads(shown[article]["groups"]))))))
            same = all(shown[article][field] == value for field, value in meant.items())
            if same and groups == sorted(json.loads(shown[article]["groups"])):
                kept.add(article)
    return kept


@contextmanager
def only_indexer(data: Path) -> Iterator[None]:
    """Index alone. Raises IndexBusy while another process does, DatabaseError when nothing can be written to the folder."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = open(data / "index.lock", "w")
    except OSError as fault:
        raise DatabaseError(f"{data} cannot be written: {fault.strerror}; check free space, the folder and its permissions") from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexBusy(f"another `kb index` is running on {data}; wait for it to finish") from None
        yield
