"""The one place that builds collaborators: `open_knowledge_base(settings)` is what pages and commands call."""
