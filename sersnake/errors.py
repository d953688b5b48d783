"""Errors that a user can correct, and warnings."""


class SersnakeError(ValueError):
    """A mistake in the input, with the file or option and the remedy in its message."""


class SersnakeWarning(UserWarning):
    """A result that differs from the request, with the reason and the remedy in its message."""
