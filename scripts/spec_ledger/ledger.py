"""The ledger's file, and what one edition has to do with the next."""

import json
import os
import re
import tempfile
from difflib import SequenceMatcher

from . import Problem
from .code import FETCH, parent
from .edition import hash_of


def load(path):
    """The ledger, or `None` if there is none yet."""
    if not path.exists():
        return None
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
        for algorithm in ledger["algorithms"].values():
            _ = algorithm["hash"], algorithm["reviewed"], ledger["commit"]
            _ = [(step["number"], step["hash"], step["reviewed"]) for step in algorithm["steps"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(f"{path} is no ledger: {error!r}") from error
    return ledger


def save(path, ledger):
    """Writes the whole or nothing; a step a line, so that a diff reads well."""
    lines = []
    for anchor, algorithm in sorted(ledger["algorithms"].items()):
        steps = ",\n".join(f"    {json.dumps(step)}" for step in algorithm["steps"])
        head = json.dumps({key: algorithm[key] for key in ("hash", "reviewed")})[:-1]
        lines.append(f"  {json.dumps(anchor)}: {head}, \"steps\": [" + (f"\n{steps}]}}" if steps else "]}"))
    head = "".join(f' {json.dumps(key)}: {json.dumps(ledger[key])},\n' for key in ("standard", "commit", "date"))
    text = "{\n" + head + ' "algorithms": {\n' + ",\n".join(lines) + "\n }\n}\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise Problem(f"cannot write {path}: {error}") from error


class Change:
    """How an algorithm of the ledger and that of another edition go together."""

    def __init__(self, old, intro, steps, old_steps=None):
        """`steps` and `old_steps` are (number, text); the latter's texts help to tell changed from new."""
        self.old = {step["number"]: step for step in old["steps"]} if old else {}
        self.new = {number: hash_of(text) for number, text in steps}
        self.intro = hash_of(intro)
        self.intro_changed = old is not None and old["hash"] != self.intro
        old_texts = {number: text for number, text in old_steps or [] if number in self.old}
        self.moved = align(
            [(number, step["hash"], old_texts.get(number)) for number, step in self.old.items()],
            [(number, self.new[number], text) for number, text in steps],
        )
        self.origin = {new: old for old, new in self.moved.items()}
        self.removed = [number for number in self.old if number not in self.moved]
        self.added = [number for number in self.new if number not in self.origin]
        self.changed = [old for old, new in self.moved.items() if self.old[old]["hash"] != self.new[new]]
        self.renumbered = [old for old, new in self.moved.items() if old != new]

    def is_none(self):
        return not (self.intro_changed or self.removed or self.added or self.changed or self.renumbered)

    def led_by_parent(self, number):
        """Whether this step has another number only because the one above it has."""
        above = parent(number)
        while above and above not in self.moved:
            above = parent(above)
        return bool(above) and self.moved[number] == self.moved[above] + number[len(above) :]


def align(old, new):
    """{old number: new number} of the steps that are the same or took the place of one another."""
    moved = {}

    def pair(some_old, some_new, fits):
        for number, *rest in some_old:
            for candidate, *other in some_new:
                free = number not in moved and candidate not in moved.values()
                if free and number.count(".") == candidate.count(".") and fits((number, *rest), (candidate, *other)):
                    moved[number] = candidate

    keys = [[(step[0].count("."), step[1]) for step in steps] for steps in (old, new)]
    blocks = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
    for tag, i, j, k, m in blocks:
        if tag == "equal":
            moved.update((before[0], after[0]) for before, after in zip(old[i:j], new[k:m]))
    # Moved: the same text, somewhere else.
    pair(old, new, lambda before, after: before[1] == after[1])
    for _, i, j, k, m in blocks:
        # Changed: most of the text is the same, or, where there is no text, the number is.
        for least in (0.9, 0.75, 0.6):
            pair(old[i:j], new[k:m], lambda before, after: likeness(before[2], after[2]) >= least)
        pair(old[i:j], new[k:m], lambda before, after: before[2] is None and before[0] == after[0])
    return moved


def likeness(before, after):
    if before is None or after is None:
        return 0.0
    return SequenceMatcher(None, re.findall(r"\w+|\W", before), re.findall(r"\w+|\W", after), False).ratio()


def successor(ledger, anchor, change, slugs, same_commit):
    """The algorithm's entry for the new edition, and the slugs that have no step there."""
    old = (ledger or {"algorithms": {}})["algorithms"].get(anchor)
    places = {}
    for (algorithm, slug), number in slugs.items():
        if algorithm == anchor:
            places[slug] = number if same_commit or old is None else change.moved.get(number)
    for number, step in change.old.items():
        for slug in step.get("slugs", []):
            if slug in places and not same_commit:
                places[slug] = change.moved.get(number)
    steps = []
    for number, digest in change.new.items():
        before = change.old.get(change.origin.get(number))
        step = {"number": number, "hash": digest, "reviewed": digest}
        if old is not None:
            step["reviewed"] = before["reviewed"] if before else None
        was = before.get("was", before["number"]) if before else number
        here = sorted(slug for slug, place in places.items() if place == number)
        steps.append(step | ({"slugs": here} if here else {}) | ({"was": was} if was != number else {}))
    reviewed = old["reviewed"] if old is not None else change.intro
    lost = sorted(slug for slug, place in places.items() if place not in change.new)
    return {"hash": change.intro, "reviewed": reviewed, "steps": steps}, lost


def empty(commit, date):
    return {"standard": FETCH, "commit": commit, "date": date, "algorithms": {}}
