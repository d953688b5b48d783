"""The errors that a user can mend, and what a user should know."""


class SersnakeError(ValueError):
    """A mistake in the input, with the file or option and the remedy in its message."""


class SersnakeWarning(UserWarning):
    """A result that is not what was asked for, with the reason and the remedy in its message."""
