"""The code behind the rules: an edit that counts for a rule changes its parameter `code`."""

# EmoBox' reader asks the others who speaks; any other is asked by name alone.
ASKED_READERS = READERS if READER == "emobox" else {READER, CORPUS} & set(READERS)
CODE = project_code(REPOSITORY, [READERS[name] for name in ASKED_READERS])
VERBS = verb_parsers()


def code_of(verb):
    """Digest of what a verb runs; its help, comments and the like do not count."""
    return clear(verb_digest, CODE, VERBS[verb])
