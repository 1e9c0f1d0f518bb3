"""What scenarios send, whatever they are about: labelling configs, results that fit them, and texts."""
