"""Operations that report what they did are checked against what is there afterwards."""
