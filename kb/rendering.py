"""The door to rendering: in process for one trusted page, in a bounded child process for everything authors write."""

from kb.page import Rendered, TocEntry, render_article
from kb.worker import RenderWorker

__all__ = ["Rendered", "RenderWorker", "TocEntry", "render_article"]
