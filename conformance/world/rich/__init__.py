"""Objects as the field has them: a home and a neighbour of it, and all that their readers say, to compare it.

Comes here whoever changes something and asks what else changed; a world of plain objects is next door.
"""
