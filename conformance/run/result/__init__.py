"""From what workers tell to the written result: collecting, judging, writing."""
