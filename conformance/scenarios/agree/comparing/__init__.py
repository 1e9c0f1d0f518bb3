"""What is compared with what: lists with objects, filters with our own evaluation, counters with what they count."""
