"""A search in virtual time: the real core and algorithms, made-up workers, no thread and no sleep."""
