"""The config against its schema."""


def check_config(settings, name="", set_default=True):
    """Fills in defaults; what is wrong is said by its key, and not by the whole schema.

    `name` is that of the settings, where they are not the config itself. The schema is seen from
    common.smk, which calls this.
    """
    try:
        validate(settings, "../schemas/config.schema.yaml", set_default=set_default)
    except WorkflowError as error:
        fault = error.__context__
        place = ": ".join(filter(None, [name or "config", *map(str, fault.absolute_path)]))
        hint = ""
        if fault.validator == "additionalProperties" and "properties" in fault.schema:
            known = sorted(fault.schema["properties"])
            unknown = next(key for key in fault.instance if key not in known)
            hint = f"; the key nearest to {unknown} is {nearest(unknown, known)}"
        raise WorkflowError(f"{place}: {fault.message}{hint}") from None
