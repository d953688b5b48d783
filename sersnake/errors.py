"""The errors that a user can mend."""


class SersnakeError(ValueError):
    """A mistake in the input, with the file or option and the remedy in its message."""
