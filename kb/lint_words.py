"""What each finding says in English, by code: the fact, and what to do about it. Pages say the same in the reader's language."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "unreadable": ("{fact}", "{remedy}"),
    "missing-summary": (
        "the article has no summary, so lists show nothing below its title",
        "add a `summary`: one sentence that says what the reader gets",
    ),
    "overdue-review": ("its review was due on {day}", "read it, mend what is outdated and move `review_by`"),
    "missing-translation.zh": ("there is no Chinese version", "translate it as {place}"),
    "missing-translation.en": ("there is no English version", "translate it as {place}"),
    "missing-translation.waiting": ("its translation {other} is not published ({status})", "publish that one too"),
    "stale-translation": (
        "it was updated on {updated}, its translation {other} on {other_updated}",
        "carry over what changed there and set `updated` to that day",
    ),
    "dead-link.scheme": (
        "the page drops the link {link!r}, because its scheme is not for pages",
        "link to an https, mailto or tel address",
    ),
    "dead-link.outside": ("the page drops the link {link!r}, because it leads out of the articles folder", "link to an article inside it"),
    "dead-link.host": ("the link {link!r} leads to no page of the portal", "write https:// in front of it"),
    "dead-link.nowhere": ("the link {link!r} leads to no page of the portal", "link to an article's .md file, an image or a web address"),
    "dead-link.article": ("the link {link!r} leads to no article: {id}", "mend the path, or remove the link"),
    "dead-link.moved": ("the link {link!r} leads to no article: {id}", "perhaps {near}.md is meant"),
    "dead-link.status": (
        "the link {link!r} leads to {id}, which readers do not see (status: {status})",
        "publish that article, or remove the link",
    ),
    "dead-link.visibility": (
        "the link {link!r} leads to {id}, which not all readers of this article may see (visibility: {visibility})",
        "remove the link, or give both articles the same visibility",
    ),
    "dead-section.near": ("the link {link!r} names a section that {id} does not have", "write #{near}"),
    "dead-section": (
        "the link {link!r} names a section that {id} does not have",
        "give the heading there this name, or link to the article alone",
    ),
    "dead-image.kind": ("the page does not show the image {link!r}", "use an image inside the articles folder, of the kinds {kinds}"),
    "dead-image.missing": ("there is no image at {place}", "add the file, or mend the path"),
    "heading-level.title": (
        "{heading!r} is an h1 like the title (h1 below the title: {count})",
        "begin sections with ##; the page has its title already",
    ),
    "heading-level.skip": ("{heading!r} is an h{level} right below an h{above}", "make it an h{wanted}, so that the outline has no hole"),
    "empty-heading.words": ("the h{level} has no words", "write what the section is about, or remove it"),
    "empty-heading.text": ("there is nothing below {heading!r}", "write the section, or remove its heading"),
    "contradicting-numbers.twin": (
        "{mine!r} is not in the translation, and {theirs!r} in {place} is not here",
        "find out which one holds and correct the other",
    ),
    "contradicting-numbers.pair": (
        "{mine!r} here, {theirs!r} in {place}, where the sentence is nearly the same: {sentence!r}",
        "find out which one holds and correct the other",
    ),
    "near-duplicate": (
        "it says nearly the same as {other} ({title!r}); {share:.0%} of the shorter one's telling words are in the other",
        "keep the better one with the other's id in its `redirect_from`, or link from one to the other and say in both titles how they differ",
    ),
    "long-section.text": (
        "the section {heading!r} has {tokens} tokens of running text, and one answer shows at most {most}",
        "divide it by headings that say what each part answers",
    ),
    "long-section.steps": (
        "the {steps} steps in the section {heading!r} have {tokens} tokens, and one answer shows at most {most}",
        "give each part of the steps a heading of its own",
    ),
    "index-behind.missing": (
        "nothing is indexed in {place}, so articles were not compared with each other",
        "run `kb index`, then lint again",
    ),
    "index-behind.model": (
        "the index was made with {made}, the settings say {named}, so articles were not compared",
        "run `kb index`, then lint again",
    ),
    "index-behind.changed": (
        "{changed} of {of} articles changed since they were indexed and were not compared",
        "run `kb index`, then lint again",
    ),
    "index-behind.fault": ("{fact}", "{remedy}"),
    "never-asked": (
        "none of the {texts} latest different searches comes near the passage {passage!r}, in words or in meaning",
        "say in its heading, in customers' words, what it answers, or leave it out",
    ),
}
"""The code begins with the rule's name; what follows a dot tells its cases apart."""
