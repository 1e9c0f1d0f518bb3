"""Renders what a run learned: JSON (the source of all others), Markdown, terminal, HTML, JUnit, badge."""
