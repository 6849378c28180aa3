"""Every table of this floor and of the index below it: importing this registers all their migrations, in order."""

# ruff: noqa: I001  the order of registration is the order of application

from __future__ import annotations

from indexer import schema as index_schema
from indexer import checksum_schema
from feedback import evidence_schema
from feedback import day_schema
from feedback import health_schema
from feedback import rating_schema
from feedback import standing_schema
from feedback import degraded_schema

__all__ = ["checksum_schema", "day_schema", "degraded_schema", "evidence_schema", "health_schema", "index_schema", "rating_schema", "standing_schema"]
