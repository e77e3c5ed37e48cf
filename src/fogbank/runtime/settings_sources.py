"""Reads the settings from where they come, remembers where that was, and refuses the first that is wrong.

Nothing starts with a setting that is misspelt or out of range: it is named, with its source, in one sentence.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from fogbank.runtime.settings import DATA_PURPOSE, Settings
from fogbank.runtime.settings_checks import ABOUT, About

PREFIX = "FOGBANK_"
CONFIG_VARIABLE = "FOGBANK_CONFIG"
CONFIG_NAME = "fogbank.toml"
DEFAULT = "default"


class SettingWrong(ValueError):
    """A setting that cannot be used; the text is one sentence that names it and its source."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was found, and where."""

    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Known:
    """A setting that exists."""

    name: str
    type: Any
    default: Any
    about: About

    @property
    def variable(self) -> str:
        return PREFIX + self.name.replace(".", "_").upper()


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and where each of them came from."""

    settings: Settings
    sources: Mapping[str, str] = field(default_factory=dict)

    def value_of(self, known: Known) -> Any:
        group, _, name = known.name.rpartition(".")
        return getattr(getattr(self.settings, group) if group else self.settings, name)

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        pairs = ((known, self.value_of(known)) for known in known_settings())
        return {known.variable: as_text(value) for known, value in pairs if value not in ("", (), None)}


def known_settings() -> Iterator[Known]:
    """Every setting there is, in the order of their declaration."""
    yield Known("data", Path, None, About(DATA_PURPOSE))
    for group in fields(Settings):
        if not is_dataclass(group.default):
            continue
        types = get_type_hints(type(group.default))
        for each in fields(group.default):
            default = None if each.default is MISSING else each.default
            yield Known(f"{group.name}.{each.name}", types[each.name], default, each.metadata[ABOUT])


def load_settings(
    environment: Mapping[str, str],
    *,
    options: Mapping[str, Given] | None = None,
    running: Mapping[str, Given] | None = None,
) -> Loaded:
    """The settings, from all their sources; `SettingWrong` at the first that is not right.

    `options` are those of the command line, by the setting's name; `running` is what the system in the data directory
    tells of itself.
    """
    known = {each.name: each for each in known_settings()}
    above = {**_from_environment(environment, known), **(options or {})}
    config_path = _config_path(environment, above)
    from_file = _from_file(config_path, known, is_required=CONFIG_VARIABLE in environment)
    if "data" in from_file and CONFIG_VARIABLE not in environment:
        raise SettingWrong(f"data cannot be set in {config_path}, which is found by it; set FOGBANK_DATA.")
    given = {**(running or {}), **from_file, **above}
    values = {name: _parse(known[name], each) for name, each in given.items()}
    data = values.get("data") or default_data_directory(environment)
    settings = _build(data.expanduser().absolute(), values)
    return Loaded(settings, {name: given[name].source if name in given else DEFAULT for name in known})


def data_directory(environment: Mapping[str, str], options: Mapping[str, Given] | None = None) -> Path:
    """Only where the data is: what must be known before the running system can be asked for the rest."""
    return load_settings(environment, options=options).settings.data


def default_data_directory(environment: Mapping[str, str]) -> Path:
    """`/var/lib/fogbank` as root, whose home is closed to the database's user; else below the user's home."""
    if os.geteuid() == 0:
        return Path("/var/lib/fogbank")
    share = environment.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(share).expanduser() / "fogbank"


def _config_path(environment: Mapping[str, str], above: Mapping[str, Given]) -> Path:
    if CONFIG_VARIABLE in environment:
        return Path(environment[CONFIG_VARIABLE]).expanduser()
    data = above["data"].value if "data" in above else default_data_directory(environment)
    return Path(data).expanduser() / CONFIG_NAME


def _from_environment(environment: Mapping[str, str], known: Mapping[str, Known]) -> dict[str, Given]:
    by_variable = {each.variable: each.name for each in known.values()}
    found = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE:
            continue
        if variable not in by_variable:
            raise SettingWrong(f"{variable} is not a setting{_suggestion(variable, by_variable)}")
        found[by_variable[variable]] = Given(value, variable)
    return found


def _from_file(path: Path, known: Mapping[str, Known], *, is_required: bool) -> dict[str, Given]:
    try:
        document = tomllib.loads(path.read_text())
    except FileNotFoundError:
        if is_required:
            raise SettingWrong(f"{CONFIG_VARIABLE} names {path}, which does not exist.") from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingWrong(f"{path} cannot be read: {error}.") from None
    found = {}
    for name, value in _flat(document):
        if name not in known:
            raise SettingWrong(f"{name} in {path} is not a setting{_suggestion(name, known)}")
        found[name] = Given(value, str(path))
    return found


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{name}", inner) for name, inner in value.items())
        else:
            yield key, value


def _parse(known: Known, given: Given) -> Any:
    value = given.value
    if isinstance(value, str) and str(known.type).startswith("tuple"):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        parsed = msgspec.convert(value, known.type, strict=False, dec_hook=_path)
    except msgspec.ValidationError:
        raise _wrong(known, given, f"must be {_kind(known.type)}") from None
    fault = known.about.check(parsed) if known.about.check else None
    if fault is not None:
        raise _wrong(known, given, fault)
    return parsed


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str) and value:
        return Path(value).expanduser()
    raise msgspec.ValidationError("not a path")


def _wrong(known: Known, given: Given, fault: str) -> SettingWrong:
    shown = "set to a secret" if known.about.is_secret else f"'{given.value}'"
    return SettingWrong(f"{known.name} is {shown} (from {given.source}) and {fault}.")


def _kind(kind: Any) -> str:
    if kind is int:
        return "a whole number"
    return "a path" if "Path" in str(kind) else "text"


def _suggestion(name: str, among: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, among, n=1)
    return f"; did you mean {close[0]}?" if close else "; `fogbank config` lists them all."


def _build(data: Path, values: Mapping[str, Any]) -> Settings:
    groups: dict[str, Any] = {}
    for group in fields(Settings):
        if is_dataclass(group.default):
            kind: type[Any] = type(group.default)
            mine = {
                name.partition(".")[2]: value for name, value in values.items() if name.startswith(group.name + ".")
            }
            groups[group.name] = kind(**mine)
    return Settings(data=data, **groups)


def as_text(value: Any) -> str:
    """A value as its environment variable has it."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
