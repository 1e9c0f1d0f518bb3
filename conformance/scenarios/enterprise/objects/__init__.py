"""What holds for every kind of object that only an Enterprise server has."""
