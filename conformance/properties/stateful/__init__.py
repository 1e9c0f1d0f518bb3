"""Histories: sequences of requests over the resource graph, against a model that knows what must be there."""
