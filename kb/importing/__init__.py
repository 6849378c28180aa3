"""Articles of other systems brought in: Markdown, Word, HTML, Zendesk and Confluence exports."""

from kb.importing.report import Change, Converted, ImportReport, Refused, Skipped
from kb.importing.run import import_articles
from kb.importing.tree import SourceError

__all__ = ["Change", "Converted", "ImportReport", "Refused", "Skipped", "SourceError", "import_articles"]
