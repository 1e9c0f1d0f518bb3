"""Single ways for the stand-in to be wrong: each must of the Enterprise edition has one that its check finds."""
