"""From failures to findings: what belongs together, what caused it, and whom it hurts."""
