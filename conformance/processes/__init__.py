"""Starts programs, stops them, and builds once what they need; knows no target and no peer.

``peers`` and ``target.embedded`` come here.
"""
