"""What `scripts/spec` is made of."""


class Problem(Exception):
    """Something that the caller has to put right."""
