"""A setting is declared once: a field of a frozen model, with its type, range and one sentence.

From these models come the checks of the config, of the verbs and of Python, the JSON schema of the
config and the key tables of the docs. msgspec in place of pydantic, since hundreds of short jobs
import it: 0.04 CPU-s against 0.25.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from itertools import product
from typing import Annotated, Any, Self, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from sersnake.errors import SersnakeError
from sersnake.settings.words import allowed

Model = TypeVar("Model", bound="Settings")
# Keys of earlier configs, by what they are called now.
RENAMED = {
    "arm": "system",
    "arms": "systems",
    "beyond": "model_selection",
    "ladder": "protocols",
    "reading": "variant",
    "readings": "variants",
    "mfcc": "features: mfcc",
    "functionals": "features: is09",
    "architecture": "streams: acln: network",
}
# A feature set or a stream, whose names systems are called by.
NAME = re.compile("[a-z][a-z0-9]*")


class SettingsError(SersnakeError):
    """A setting that is unknown or out of its range.

    Attributes:
        keys: Path to the setting, from the outermost key.
    """

    def __init__(self, keys: tuple[str, ...], message: str) -> None:
        """Takes the path to the setting, and what is wrong with it."""
        super().__init__(": ".join([*keys, message]))
        self.keys = keys
        self.message = message


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of settings; every value is checked, however it was made."""

    def __post_init__(self) -> None:
        """Checks every field, and fields against each other.

        Raises:
            SettingsError: A value is not allowed.
        """
        for field in fields_of(type(self)):
            value = getattr(self, field.name)
            if getattr(value, "shape", None) == ():  # a scalar of NumPy, as a search draws them
                value = value.item()
                msgspec.structs.force_setattr(self, field.name, value)
            if not _fits(value, field.type):
                raise _misfit((field.name,), value, field.type)
        self.check()

    def check(self) -> None:
        """Checks settings against each other; a model may override this.

        Raises:
            SersnakeError: They contradict each other.
        """

    def replace(self, **values: Any) -> Self:
        """A copy with other values for some fields.

        Raises:
            SettingsError: A name is unknown, or a value not allowed.
        """
        refuse_unknown(type(self), values)
        return msgspec.structs.replace(self, **values)

    def as_dict(self) -> dict[str, Any]:
        """All fields as plain values, for JSON or YAML."""
        values: dict[str, Any] = msgspec.to_builtins(self)
        return values


@cache
def fields_of(model: type[Settings]) -> tuple[FieldInfo, ...]:
    """The fields of a model, with their types resolved."""
    return msgspec.structs.fields(model)


def read_settings(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Makes a model from plain values; text, as ``--config`` passes it, is converted.

    Args:
        model: The model.
        values: Its keys, nested as its fields are; missing keys get their defaults.

    Raises:
        SettingsError: A key is unknown or a value not allowed.
    """
    refuse_unknown(model, values)
    try:
        return msgspec.convert(values, model, strict=False)
    except msgspec.ValidationError as error:
        raise _explained(model, values, error) from None


def changed(settings: Settings) -> dict[str, Any]:
    """The values that differ from the defaults, as plain values, nested as the fields are."""
    different = {}
    for field in fields_of(type(settings)):
        value, default = getattr(settings, field.name), default_of(field)
        if value != default:
            different[field.name] = _changed(value)
    return different


def _changed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _changed(part) for name, part in value.items()}
    return changed(value) if isinstance(value, Settings) else msgspec.to_builtins(value)


def default_of(field: FieldInfo) -> Any:
    """The default of a field; ``msgspec.NODEFAULT`` if it has none."""
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def refuse_unknown(
    model: type[Settings], values: Mapping[str, Any], keys: tuple[str, ...] = ()
) -> None:
    """Refuses unknown keys at every depth, and suggests the nearest known key.

    Raises:
        SettingsError: There is such a key.
    """
    types = {field.name: field.type for field in fields_of(model)}
    for key, value in values.items():
        if key not in types:
            raise unknown_key((*keys, str(key)), list(types))
        if isinstance(value, Mapping):
            for inner in models_in(types[key]):
                refuse_unknown(inner, value, (*keys, key))


def unknown_key(keys: tuple[str, ...], known: Sequence[str]) -> SettingsError:
    """The error for an unknown key, with the nearest known one."""
    name = RENAMED.get(keys[-1], "")
    if name.partition(":")[0] in known:
        return SettingsError(keys, f"this key is called {name} now")
    near = get_close_matches(keys[-1], known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(known)}"
    return SettingsError(keys, f"there is no such key; {hint}")


def models_in(kind: Any) -> Iterator[type[Settings]]:
    """The models that a field's type allows."""
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, Settings):
        yield kind
    elif get_origin(kind) not in (dict, list, tuple):
        for part in get_args(kind):
            yield from models_in(part)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a type, and no infinity or NaN."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return not isinstance(value, float) or math.isfinite(value)


def _explained(
    model: type[Settings], values: Mapping[str, Any], error: msgspec.ValidationError
) -> SettingsError:
    """The error of a conversion: path to the value, the value, and what is allowed."""
    message, _, path = str(error).partition(" - at `")
    is_name, path = path.startswith("key`"), path.partition("$")[2]
    keys = tuple(re.findall(r"[A-Za-z_]\w*", path))
    if is_name:
        pattern = message.rpartition("regex ")[2].strip("'")
        return SettingsError(keys, f"a name in it is not allowed; choose text like `{pattern}`")
    if of_part := next(_misfits_by_name(model, values), None):
        return of_part
    if isinstance(error.__cause__, SettingsError):
        return SettingsError((*keys, *error.__cause__.keys), error.__cause__.message)
    if not message.startswith(("Expected", "Invalid")):
        return SettingsError(keys, message)
    kind: Any = model
    value: Any = values
    for key in keys:
        types = {f.name: f.type for inner in models_in(kind) for f in fields_of(inner)}
        if key not in types:  # a key of a mapping, which has no name of its own in the path
            break
        kind, value = types[key], value.get(key) if isinstance(value, Mapping) else None
    return _misfit(keys, value, kind)


def _misfits_by_name(model: type[Settings], values: Mapping[str, Any]) -> Iterator[SettingsError]:
    """Errors in models that are values of a mapping, whose keys msgspec's paths omit."""
    for field in fields_of(model):
        kind, given = _bare(field.type), values.get(field.name)
        if get_origin(kind) is not dict or not isinstance(given, Mapping):
            continue
        for inner, (name, part) in product(models_in(get_args(kind)[1]), given.items()):
            place = field.name, str(name)
            try:
                if not isinstance(part, Mapping):
                    yield _misfit(place, part, inner)
                else:
                    read_settings(inner, part)
            except SettingsError as error:
                yield SettingsError((*place, *error.keys), error.message)


def _bare(kind: Any) -> Any:
    """A type without its annotations."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _misfit(keys: tuple[str, ...], value: Any, kind: Any) -> SettingsError:
    return SettingsError(keys, f"{value!r} is not allowed; choose {allowed(kind)}")
