"""What generated producers stand on: the meaning of contracts in Python.

`covenant contract codegen --language python` writes this text into each module that it generates, below the contract's
own part, so that a producer needs nothing but the standard library. It gives the verdicts of Covenant's validator: the
same rule ids at the same paths for every record.
"""

from __future__ import annotations

import json
import math
import re
import time
import urllib.error
import urllib.request
import uuid
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional, Sequence

VIOLATIONS_MAX = 100
_SAFE_MAX = 2**53 - 1
_UNAVAILABLE = "__debezium_unavailable_value"


@dataclass(frozen=True)
class Violation:
    """One rule that a record breaks at one place."""

    rule_id: str
    """``<path>.<code>`` with ``[]`` for any item and ``{}`` for any map member; of a record rule its id."""
    path: str
    """Where: ``tailnum``, ``legs[2].origin``; empty for the record as a whole."""
    code: str
    expected: str
    got: str
    severity: str = "error"
    """``warning`` for a record rule that is not enforced."""
    stage: Optional[str] = None
    """Of a record rule: ``shadow``, ``warn`` or ``enforce``."""


class ContractViolation(ValueError):
    """Events that the contract refuses were to be sent. None of the call's events was."""

    def __init__(self, violations: Sequence[tuple[int, Violation]]) -> None:
        self.violations = violations
        first = "; ".join(f"event {i}: {v.rule_id} ({v.expected}, found {v.got})" for i, v in violations[:5])
        more = f"; and {len(violations) - 5} more" if len(violations) > 5 else ""
        super().__init__(f"The contract refuses what was to be sent: {first}{more}")


class DeliveryError(OSError):
    """The events could not be delivered; whether some arrived is not known. Sending the same again is harmless."""


class _Field(NamedTuple):
    name: str
    type: str
    required: bool
    rules: Mapping[str, Any]
    fields: Sequence["_Field"]
    items: Optional["_Field"]


class _Rule(NamedTuple):
    id: str
    stage: str
    field: Optional[str]
    expected: str
    reads: Sequence[str]
    judge: Callable[[Any], Optional[bool]]


class _Contract(NamedTuple):
    fields: Sequence[_Field]
    rules: Sequence[_Rule]
    cdc: Optional[str]
    key: Sequence[str]
    patterns: Mapping[str, "_Pattern"]


# Reading JSON ---------------------------------------------------------------------------------------------------------


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _parse(value: bytes) -> Any:
    """JSON as the validator reads it: numbers are doubles, of a repeated member the last counts, NaN is refused."""
    return json.loads(value.decode("utf-8"), parse_int=float, parse_constant=_refuse_constant)


def _judge_bytes(contract: _Contract, value: Optional[bytes]) -> list[Violation]:
    if value is None:
        return [] if contract.cdc == "debezium" else [Violation("required", "", "required", "a value", "null")]
    try:
        parsed = _parse(value)
    except UnicodeDecodeError:
        return [Violation("encoding", "", "encoding", "UTF-8", f"{len(value)} bytes that are not")]
    except (ValueError, RecursionError) as error:
        return [Violation("parse", "", "parse", "JSON", str(error)[:80] if value else "nothing")]
    return _judge(contract, parsed)


# Types ----------------------------------------------------------------------------------------------------------------


def _as_number(value: Any) -> Optional[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _as_integer(value: Any) -> Optional[int]:
    number = _as_number(value)
    if number is None or not number.is_integer() or abs(number) > _SAFE_MAX:
        return None
    return int(number)


def _as_string(value: Any) -> Optional[str]:
    if not isinstance(value, str):
        return None
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
        return value
    except UnicodeEncodeError:
        # Halves of a surrogate pair that stand side by side are one character, as in JSON.
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _as_row_string(value: Any) -> Optional[str]:
    """Of a change event: Debezium writes a placeholder where it did not read a large column."""
    text = _as_string(value)
    return None if text == _UNAVAILABLE else text


def _as_boolean(value: Any) -> Optional[bool]:
    return value if isinstance(value, bool) else None


def _as_array(value: Any) -> Optional[Sequence[Any]]:
    return value if isinstance(value, (list, tuple)) else None


def _as_object(value: Any) -> Optional[Mapping[str, Any]]:
    return value if isinstance(value, dict) else None


_MONTH_DAYS = r"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])"
_LEAP_YEARS = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = rf"(?:\d{{4}}-(?:{_MONTH_DAYS})|{_LEAP_YEARS}-02-29)"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?"
_ZONE = r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_MOMENTS = {
    "timestamp": re.compile(f"{_DATE}T{_TIME}{_ZONE}", re.ASCII),
    "date": re.compile(_DATE, re.ASCII),
    "time": re.compile(_TIME, re.ASCII),
}


def _as_moment(kind: str, value: Any) -> Optional[str]:
    return value if isinstance(value, str) and _MOMENTS[kind].fullmatch(value) else None


def _as_timestamp(value: Any) -> Optional[str]:
    return _as_moment("timestamp", value)


def _as_date(value: Any) -> Optional[str]:
    return _as_moment("date", value)


def _as_time(value: Any) -> Optional[str]:
    return _as_moment("time", value)


_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "string": _as_string,
    "integer": _as_integer,
    "number": _as_number,
    "boolean": _as_boolean,
    "date": _as_date,
    "time": _as_time,
    "timestamp": _as_timestamp,
    "array": _as_array,
    "object": _as_object,
    "map": _as_object,
}


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, year 0 included."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _moment_parts(kind: str, text: str) -> tuple[int, str]:
    """Whole seconds on a common axis, and the digits of the fraction without trailing zeros."""
    day = 0 if kind == "time" else _days(int(text[0:4]), int(text[5:7]), int(text[8:10]))
    clock = text if kind == "time" else text[11:]
    seconds = int(clock[0:2]) * 3600 + int(clock[3:5]) * 60 + int(clock[6:8])
    offset = 0
    if kind == "timestamp" and not clock.endswith("Z"):
        offset = (int(clock[-5:-3]) * 3600 + int(clock[-2:]) * 60) * (-1 if clock[-6] == "-" else 1)
    fraction = re.search(r"\.([0-9]+)", clock)
    return day * 86_400 + seconds - offset, (fraction[1] if fraction else "").rstrip("0")


def _moment_key(kind: str, text: str) -> Any:
    """Orders moments of one kind."""
    return text if kind == "date" else _moment_parts(kind, text)


# Patterns -------------------------------------------------------------------------------------------------------------


class _Pattern:
    """A regular expression with the meaning of ECMA-262 (flag u), matched in bounded time whatever the text.

    Python's engine backtracks, so it only sees texts of up to `native_length_max` characters; longer ones are matched by
    following all ways at once (K. Thompson, "Regular Expression Search Algorithm", 1968).
    """

    def __init__(self, source: str, native: str, native_length_max: int, program: Sequence[tuple[Any, ...]]) -> None:
        self.source = source
        self._native = re.compile(native, re.ASCII)
        self._native_length_max = native_length_max
        self._program = program

    def test(self, text: str) -> bool:
        if len(text) <= self._native_length_max:
            return self._native.search(text) is not None
        return self._follow_all(text)

    def _follow_all(self, text: str) -> bool:
        program = self._program
        current: list[int] = []
        reached = [-1] * len(program)
        for at in range(len(text) + 1):
            before = text[at - 1] if at > 0 else None
            here = text[at] if at < len(text) else None
            states: list[int] = []
            # A match may begin anywhere, so the first instruction is followed at every place.
            open_states = [0, *reversed(current)]
            while open_states:
                state = open_states.pop()
                if reached[state] == at:
                    continue
                reached[state] = at
                instruction = program[state]
                op = instruction[0]
                if op == "match":
                    return True
                if op == "jump":
                    open_states.append(instruction[1])
                elif op == "split":
                    open_states.extend((instruction[2], instruction[1]))
                elif op == "character":
                    states.append(state)
                elif _assertion_holds(op, before, here):
                    open_states.append(state + 1)
            if here is None:
                return False
            point = ord(here)
            current = [state + 1 for state in states if _in_ranges(point, program[state][1])]
        return False


def _in_ranges(point: int, bounds: Sequence[int]) -> bool:
    """`bounds` are the first of each run and the one after its last, ascending."""
    return bisect_right(bounds, point) % 2 == 1


def _assertion_holds(kind: str, before: Optional[str], here: Optional[str]) -> bool:
    if kind == "^":
        return before is None
    if kind == "$":
        return here is None
    return (_is_word(before) != _is_word(here)) == (kind == "b")


def _is_word(character: Optional[str]) -> bool:
    return character is not None and character.isascii() and (character.isalnum() or character == "_")


# The schema -----------------------------------------------------------------------------------------------------------

_RECORD = _Field("", "object", True, {}, (), None)
_OPERATION = _Field("op", "string", True, {"enum": ("c", "u", "d", "r")}, (), None)


def _judge(contract: _Contract, value: Any) -> list[Violation]:
    """All violations of a parsed record, at most 100 of either severity."""
    walk = _Walk(contract)
    walk.record(value)
    broken = list(_broken_rules(contract, value))
    enforced = [violation for violation in broken if violation.severity == "error"]
    warnings = [violation for violation in broken if violation.severity == "warning"]
    return (walk.violations + enforced)[:VIOLATIONS_MAX] + warnings[:VIOLATIONS_MAX]


class _Walk:
    def __init__(self, contract: _Contract) -> None:
        self.violations: list[Violation] = []
        self._contract = contract

    def record(self, value: Any) -> None:
        fields = self._contract.fields
        if self._contract.cdc != "debezium":
            self._members(fields, value, "", "")
            return
        if not isinstance(value, dict):
            self._add("type", _RECORD, "", "", value)
            return
        op = value.get("op")
        self._field(_OPERATION, op, "op", "op")
        if op == "d":
            self._row("before", [field for field in fields if field.name in self._contract.key], value.get("before"))
        elif op in ("c", "u", "r"):
            self._row("after", fields, value.get("after"))

    def _row(self, name: str, fields: Sequence[_Field], value: Any) -> None:
        self._field(_Field(name, "object", True, {}, fields, None), value, name, name)

    def _members(self, fields: Sequence[_Field], value: Any, path: str, rule_path: str) -> None:
        if not isinstance(value, dict):
            self._add("type", _RECORD, path, rule_path, value)
            return
        for field in fields:
            self._field(field, value.get(field.name), _joined(path, field.name), _joined(rule_path, field.name))

    def _field(self, field: _Field, value: Any, path: str, rule_path: str) -> None:
        if value is None:
            if field.required:
                self._add("required", field, path, rule_path, value)
            return
        if self._contract.cdc == "debezium" and isinstance(value, str) and value == _UNAVAILABLE:
            return
        if len(self.violations) >= VIOLATIONS_MAX:
            return
        typed = _TYPES[field.type](value)
        if typed is None:
            self._add("type", field, path, rule_path, value)
            return
        for code in _broken_bounds(field, typed, self._contract.patterns):
            self._add(code, field, path, rule_path, value)
        if field.type == "object":
            self._members(field.fields, value, path, rule_path)
        elif field.items is not None:
            self._items(field.items, value, path, rule_path)

    def _items(self, item: _Field, values: Any, path: str, rule_path: str) -> None:
        if isinstance(values, dict):
            for name, value in values.items():
                if len(self.violations) >= VIOLATIONS_MAX:
                    return
                self._field(item, value, _joined(path, name), f"{rule_path}{{}}")
            return
        for index, value in enumerate(values):
            if len(self.violations) >= VIOLATIONS_MAX:
                return
            self._field(item, value, f"{path}[{index}]", f"{rule_path}[]")

    def _add(self, code: str, field: _Field, path: str, rule_path: str, value: Any) -> None:
        if len(self.violations) < VIOLATIONS_MAX:
            rule_id = _joined(rule_path, code)
            self.violations.append(Violation(rule_id, path, code, _expectation(code, field), _shown(value)))


def _joined(path: str, name: str) -> str:
    return name if path == "" else f"{path}.{name}"


def _broken_bounds(field: _Field, value: Any, patterns: Mapping[str, _Pattern]) -> Iterable[str]:
    """The rules of a field that a value of its type breaks."""
    rules = field.rules
    if not rules:
        return
    if "enum" in rules and not _is_listed(field.type, value, rules["enum"]):
        yield "enum"
    if field.type in ("integer", "number"):
        yield from _broken_number_bounds(rules, value)
    elif field.type == "array":
        yield from _broken_item_bounds(rules, value)
    elif field.type == "string":
        yield from _broken_text_bounds(rules, value, patterns)
    elif field.type in _MOMENTS:
        key = _moment_key(field.type, value)
        if "earliest" in rules and key < _moment_key(field.type, rules["earliest"]):
            yield "earliest"
        if "latest" in rules and key > _moment_key(field.type, rules["latest"]):
            yield "latest"


def _is_listed(kind: str, value: Any, options: Sequence[Any]) -> bool:
    if kind in ("array", "object", "map"):
        return False
    # True and 1 are equal in Python, and different in JSON.
    return any(isinstance(value, bool) == isinstance(option, bool) and value == option for option in options)


def _broken_number_bounds(rules: Mapping[str, Any], value: float) -> Iterable[str]:
    if "minimum" in rules and value < rules["minimum"]:
        yield "minimum"
    if "maximum" in rules and value > rules["maximum"]:
        yield "maximum"
    if "exclusiveMinimum" in rules and value <= rules["exclusiveMinimum"]:
        yield "exclusiveMinimum"
    if "exclusiveMaximum" in rules and value >= rules["exclusiveMaximum"]:
        yield "exclusiveMaximum"
    if "multipleOf" in rules and Fraction(repr(value)) % Fraction(repr(rules["multipleOf"])) != 0:
        yield "multipleOf"


def _broken_text_bounds(rules: Mapping[str, Any], value: str, patterns: Mapping[str, _Pattern]) -> Iterable[str]:
    if "minLength" in rules and len(value) < rules["minLength"]:
        yield "minLength"
    if "maxLength" in rules and len(value) > rules["maxLength"]:
        yield "maxLength"
    if "pattern" in rules and not patterns[rules["pattern"]].test(value):
        yield "pattern"


def _broken_item_bounds(rules: Mapping[str, Any], value: Sequence[Any]) -> Iterable[str]:
    if "minItems" in rules and len(value) < rules["minItems"]:
        yield "minItems"
    if "maxItems" in rules and len(value) > rules["maxItems"]:
        yield "maxItems"
    if rules.get("uniqueItems") is True and not _are_unique(value):
        yield "uniqueItems"


def _are_unique(items: Sequence[Any]) -> bool:
    """No two items are the same JSON value; the order of members does not count."""
    try:
        return len({_canonical(item) for item in items}) == len(items)
    except RecursionError:
        return False


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return ("object", tuple(sorted((name, _canonical(member)) for name, member in value.items())))
    if isinstance(value, (list, tuple)):
        return ("array", *(_canonical(item) for item in value))
    if isinstance(value, str):
        return ("string", _as_string(value))
    if isinstance(value, bool):
        return ("boolean", value)
    number = _as_number(value)
    # A number beyond the range of doubles is none, as in JSON that a validator has read.
    return ("null",) if number is None else ("number", number)


_TYPE_PHRASES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date (YYYY-MM-DD)",
    "timestamp": "a timestamp (ISO 8601 with zone)",
    "time": "a time (HH:MM:SS)",
    "object": "an object",
    "array": "an array",
    "map": "an object",
}
_PHRASES = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "text that matches {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "earliest": "at or after {}",
    "latest": "at or before {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}


def _expectation(code: str, field: _Field) -> str:
    if code == "type":
        return _TYPE_PHRASES[field.type]
    if code == "enum":
        return "one of " + ", ".join(json.dumps(value, ensure_ascii=False) for value in field.rules["enum"])
    if code == "uniqueItems":
        return "no item twice"
    return _PHRASES[code].format(field.rules[code]) if code in _PHRASES else "a value"


def _shown(value: Any) -> str:
    """The value as JSON of at most 80 characters; of longer strings only the length."""
    if value is None:
        return "missing or null"
    if isinstance(value, str) and len(value) > 80:
        return f"string of {len(value)} characters"
    try:
        text = json.dumps(value, ensure_ascii=False, default=lambda other: f"<{type(other).__name__}>")
    except (RecursionError, ValueError, TypeError):
        return "a deeply nested value"
    return text if len(text) <= 80 else f"{text[:79]}…"


# Record rules: no value is None, and every operation hands it on ------------------------------------------------------


def _broken_rules(contract: _Contract, value: Any) -> Iterable[Violation]:
    row, place = _row_of(contract, value)
    if row is None:
        return
    for rule in contract.rules:
        if rule.judge(row) is False:
            path = ".".join(step for step in (place, rule.field or "") if step != "")
            got = _shown({name: row.get(name) for name in rule.reads})
            severity = "error" if rule.stage == "enforce" else "warning"
            yield Violation(rule.id, path, "rule", rule.expected, got, severity, rule.stage)


def _row_of(contract: _Contract, value: Any) -> tuple[Optional[Mapping[str, Any]], str]:
    row = _as_object(value)
    if contract.cdc != "debezium" or row is None:
        return row, ""
    op = row.get("op")
    written = isinstance(op, str) and op in ("c", "u", "r")
    return (_as_object(row.get("after")) if written else None), "after"


def _member(parent: Optional[Mapping[str, Any]], name: str, as_type: Callable[[Any], Any]) -> Any:
    return None if parent is None else as_type(parent.get(name))


def _not(value: Optional[bool]) -> Optional[bool]:
    return None if value is None else not value


def _and(left: Optional[bool], right: Optional[bool]) -> Optional[bool]:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: Optional[bool], right: Optional[bool]) -> Optional[bool]:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _if(condition: Optional[bool], when_true: Any, when_false: Any) -> Any:
    return None if condition is None else when_true if condition else when_false


def _equal(left: Any, right: Any) -> Optional[bool]:
    return None if left is None or right is None else left == right


def _less(left: Any, right: Any) -> Optional[bool]:
    return None if left is None or right is None else left < right


def _less_or_equal(left: Any, right: Any) -> Optional[bool]:
    return None if left is None or right is None else left <= right


def _one_of(value: Any, options: Sequence[Any]) -> Optional[bool]:
    return None if value is None else value in options


def _size(value: Any) -> Optional[int]:
    return None if value is None else len(value)


def _starts_with(text: Optional[str], part: Optional[str]) -> Optional[bool]:
    return None if text is None or part is None else text.startswith(part)


def _ends_with(text: Optional[str], part: Optional[str]) -> Optional[bool]:
    return None if text is None or part is None else text.endswith(part)


def _contains(text: Optional[str], part: Optional[str]) -> Optional[bool]:
    return None if text is None or part is None else part in text


def _matches(text: Optional[str], pattern: _Pattern) -> Optional[bool]:
    return None if text is None else pattern.test(text)


def _instant(text: Optional[str]) -> Optional[int]:
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    if text is None:
        return None
    seconds, fraction = _moment_parts("timestamp", text)
    return seconds * 1_000_000_000 + int(fraction[:9].ljust(9, "0"))


def _to_number(value: Optional[int]) -> Optional[float]:
    return None if value is None else float(value)


def _to_integer(value: Optional[float]) -> Optional[int]:
    return None if value is None else _in_range(math.trunc(value))


def _negate(value: Any) -> Any:
    return None if value is None else -value


def _in_range(value: Any) -> Any:
    """An integer within ±(2^53 − 1), a number that is finite."""
    if isinstance(value, int):
        return value if abs(value) <= _SAFE_MAX else None
    return value if math.isfinite(value) else None


def _add(left: Any, right: Any) -> Any:
    return None if left is None or right is None else left + right


def _subtract(left: Any, right: Any) -> Any:
    return None if left is None or right is None else left - right


def _multiply(left: Any, right: Any) -> Any:
    return None if left is None or right is None else left * right


def _divide(left: Any, right: Any) -> Any:
    if left is None or right is None or right == 0:
        return None
    if isinstance(left, float):
        return left / right
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: Any, right: Any) -> Any:
    """With the sign of the left side."""
    quotient = _divide(left, right)
    return None if quotient is None else left - quotient * right


def _bounded(value: Any) -> Any:
    return None if value is None else _in_range(value)


def _all(items: Optional[Sequence[Any]], condition: Callable[[Any], Optional[bool]]) -> Optional[bool]:
    if items is None:
        return None
    results = [condition(item) for item in items]
    return False if False in results else None if None in results else True


def _exists(items: Optional[Sequence[Any]], condition: Callable[[Any], Optional[bool]]) -> Optional[bool]:
    if items is None:
        return None
    results = [condition(item) for item in items]
    return True if True in results else None if None in results else False


# Sending --------------------------------------------------------------------------------------------------------------

_RETRIED = {408, 429, 500, 502, 503, 504}


class _HttpProducer:
    """Validates events and appends them to the raw topic of their contract, over HTTP.

    A call is sent again where the answer did not arrive: the records are counted, so that none is appended twice.
    """

    topic = ""
    contract_version = ""
    _contract: _Contract

    def __init__(
        self,
        url: str,
        *,
        producer_id: Optional[str] = None,
        first_sequence: int = 0,
        retries: int = 5,
        timeout_s: float = 10.0,
        headers: Optional[Mapping[str, str]] = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        :param url: Where Covenant serves, such as ``http://localhost:8080``.
        :param producer_id: A name that outlives this process; with ``first_sequence``, the number of the first event
            that this object sends among all that the producer ever sends, also a repeated run appends nothing twice.
        :param headers: Sent along, such as ``Authorization``.
        """
        self._url = f"{url.rstrip('/')}/topics/{self.topic}"
        self._producer_id = producer_id if producer_id is not None else str(uuid.uuid4())
        self._sequence = first_sequence
        self._unconfirmed: list[str] = []
        self._retries = retries
        self._timeout_s = timeout_s
        self._headers = dict(headers or {})
        self._sleep = sleep

    def _send(self, events: Iterable[Any], violating: str) -> int:
        """Returns how many events were new: fewer than given where some had arrived before."""
        if violating not in ("refuse", "send"):
            raise ValueError(f"violating is 'refuse' or 'send', not {violating!r}")
        texts: list[str] = []
        broken: list[tuple[int, Violation]] = []
        for index, event in enumerate(events):
            text = None
            try:
                text = json.dumps(event, allow_nan=False, separators=(",", ":"))
                found = _judge_bytes(self._contract, text.encode("utf-8"))
            except (TypeError, ValueError, RecursionError) as error:
                found = [Violation("parse", "", "parse", "what JSON can hold", str(error)[:80])]
            if text is not None:
                texts.append(text)
            if text is None or violating == "refuse":
                broken.extend((index, violation) for violation in found if violation.severity == "error")
        if broken:
            raise ContractViolation(broken)
        if not texts:
            return 0
        # Other events than those that may have arrived get numbers of their own, or they would count as repeated.
        if texts != self._unconfirmed:
            self._sequence += len(self._unconfirmed)
        self._unconfirmed = texts
        accepted = self._post(f"[{','.join(texts)}]".encode("utf-8"))
        self._sequence += len(texts)
        self._unconfirmed = []
        return accepted

    def _post(self, body: bytes) -> int:
        headers = {
            **self._headers,
            "Content-Type": "application/json",
            "cov.version": self.contract_version,
            "cov.producer-id": self._producer_id,
            "cov.first-sequence": str(self._sequence),
        }
        for attempt in range(self._retries + 1):
            request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:
                    return int(json.load(answer)["accepted"])
            except urllib.error.HTTPError as error:
                detail = error.read(2_000).decode("utf-8", "replace")
                if error.code not in _RETRIED or attempt == self._retries:
                    raise DeliveryError(f"{self._url} answered {error.code}: {detail}") from error
            except (OSError, ValueError) as error:
                if attempt == self._retries:
                    raise DeliveryError(f"{self._url} cannot be reached: {error}") from error
            self._sleep(min(0.1 * 2**attempt, 5.0))
        raise AssertionError("unreachable")
