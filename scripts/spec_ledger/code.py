"""Finds what the model's sources say about the Standard.

This is what `pin` and `diff` need to name functions. `harness/model/tests/ledger.rs` reads the same
comments, is the authority on them, and judges whether they are right.
"""

import re
from dataclasses import dataclass

FETCH = "https://fetch.spec.whatwg.org/"
NUMBER = r"\d+[a-z]?(?:\.\d+[a-z]?)*"
NUMBERS = rf"{NUMBER}(?:(?:, | and | to ){NUMBER})*"
ANCHOR = r"(?:([a-z0-9]+(?:-[a-z0-9]+)+) )?"
# `/// <…#anchor>`, what an item stands for; and the same within other text, with steps.
LINK = re.compile(rf"<{re.escape(FETCH)}#([^>]+)>(?:, steps? ({NUMBERS}))?")
# `/// Steps 1 to 6.`, a part of the algorithm above.
SCOPE = re.compile(rf"(?:The conditions of s|S)teps? ({NUMBERS})")
# `// 7.1, 7.2. What it does.`, or with another algorithm than the function's before the number.
STEPS = re.compile(rf"{ANCHOR}({NUMBERS})\. ")
# `NOT MODELLED 3, 4.2 (what): why` and `EXCEPTION 3: why`.
DECLARED = re.compile(rf"(?:NOT MODELLED|EXCEPTION) {ANCHOR}({NUMBERS})(?: \(|: )")

FUNCTION = re.compile(r"\s*(?:pub(?:\([a-z]+\))? )?(?:const )?fn (\w+)")
ITEM = re.compile(r"\s*(?:pub(?:\([a-z]+\))? )?(?:(?:const )?(?:fn|struct|enum|trait|static|const) )?(?:r#)?(\w+)")
STEP = re.compile(
    r'static \w+: Step\s*=\s*Step::fetch\(\s*(\w+|"[^"]*"),\s*"([^"]*)",\s*"([^"]*)",?\s*\)'
)


@dataclass
class Citation:
    """A place that names an algorithm and, as written, steps of it."""

    place: str
    anchor: str
    numbers: str
    kind: str

    def names(self, number, order):
        """Whether it names this step; `order` is the algorithm's list of numbers."""
        for part in re.split(r", | and ", self.numbers):
            first, _, last = part.partition(" to ")
            if number in (first, last):
                return True
            if last and parent(number) == parent(first) and {first, last, number} <= set(order):
                if order.index(first) < order.index(number) < order.index(last):
                    return True
        return False


def parent(number):
    """The number of the step that this one is a part of."""
    return re.sub(r"(?:^|\.)\d+$|(?<=\d)[a-z]$", "", number)


def sources(root):
    """The model's sources without their tests: (path from the root, lines)."""
    for path in sorted((root / "harness/model/src").rglob("*.rs")):
        if path.name != "tests.rs":
            text = re.split(r"^mod tests\b", path.read_text(encoding="utf-8"), maxsplit=1, flags=re.M)[0]
            yield path.relative_to(root).as_posix(), text.split("\n")


def citations(root):
    for file, lines in sources(root):
        anchor = None
        for index, is_doc, text in statements(lines):
            place = f"`{item_of(lines, index, is_doc)}` in {file}:{index + 1}"
            if is_doc and text.startswith("<http"):
                link = LINK.match(text)
                # Of two links in a row, the first is the one whose steps the comments number.
                if not lines[index - 1].strip().startswith("/// <http"):
                    anchor = link and link[1]
                if link:
                    yield Citation(place, link[1], link[2] or "", "defines")
                text = text[link.end() :] if link else ""
            for link in LINK.finditer(text):
                yield Citation(place, link[1], link[2] or "", "mentions")
            scope = is_doc and SCOPE.match(text)
            if scope and anchor:
                yield Citation(place, anchor, scope[1], "mentions")
            found = DECLARED.match(text) or (not is_doc and STEPS.match(text))
            if found and (found[1] or anchor):
                yield Citation(place, found[1] or anchor, found[2], "cites")


def statements(lines):
    """Comments, each joined from its lines: (index of the first, whether it documents, text)."""
    joined = None
    for index, line in enumerate(lines + [""]):
        comment = re.match(r"\s*(///?)(?: (.*))?$", line)
        marker, text = (comment[1], comment[2] or "") if comment else ("", "")
        goes_on = joined and marker == joined[1] and text and not starts(marker, text)
        if goes_on:
            joined[2] += " " + text
            continue
        if joined:
            yield joined[0], joined[1] == "///", joined[2]
        joined = [index, marker, text] if text else None


def starts(marker, text):
    if marker == "///":
        return re.match(r"<http|NOT MODELLED |EXCEPTION ", text)
    return STEPS.match(text + " ") or re.match(r"NOT MODELLED |EXCEPTION ", text)


def item_of(lines, index, is_doc):
    """What documentation is about, or the function that a comment is in."""
    if is_doc:
        below = (line for line in lines[index:] if not re.match(r"\s*(//|#\[)", line))
        found = ITEM.match(next(below, ""))
    else:
        found = next(filter(None, map(FUNCTION.match, reversed(lines[:index]))), None)
    return found[1] if found else "?"


def slugs(root):
    """The steps that have a constant: {(algorithm, slug): number}."""
    found = {}
    for _, lines in sources(root):
        text = "\n".join(lines)
        constants = dict(re.findall(r'const (\w+): &str = "([^"]*)";', text))
        for algorithm, number, slug in STEP.findall(text):
            found[constants.get(algorithm, algorithm.strip('"')), slug] = number
    return found
