"""Floor 1: what an article is, settings, errors, the database, text in Chinese and English."""

__version__ = "0.1.0"
