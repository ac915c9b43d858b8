"""Whether long work in parts is to stop before its next part."""


def never() -> bool:
    """Nobody stops it."""
    return False
