"""Sends a request until the application answers: keys of roles, gateways, addresses that are not served.

The wire comes here with each request.
"""
