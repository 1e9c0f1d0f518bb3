"""Compares what the contract, a target's own description and the official client say of the same operations.

`shape` is what all three are brought to, `openapi` and `client` bring them there, `compare` tells what differs, and
`render` shows it. `command` is who comes here: ``ls-conformance drift``.
"""
