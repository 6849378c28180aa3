"""Floor 3: what happened: searches, opens, votes."""
