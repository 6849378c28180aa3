"""Every table of this floor: importing this registers all their migrations, so that no command takes a table of this floor for a newer kb's."""

from __future__ import annotations

from kb import account_schema, audit_schema, workspace_schema

__all__ = ["account_schema", "audit_schema", "workspace_schema"]
