"""Reads one edition of the Standard (`fetch.bs`, Bikeshed's dialect of HTML): its algorithms and steps.

How steps are numbered:

* The items of a step's `<ol>` are 7.1, 7.2, …
* The entries of a `<dl class=switch>` are branches, which get letters: 12a, 12b, … An entry is one
  or more `<dt>` with the `<dd>` that they share; its text is the condition and what the `<dd>` says
  outside of lists. The items of its list are 12b.1, 12b.2, …
* A second list in one step is a branch as well: 8.5.1, 8.5.2, …, then 8.5b.1, 8.5b.2, …
"""

import hashlib
import re
from html.parser import HTMLParser

from . import Problem

VOID = {"br", "hr", "img", "link", "meta", "wbr"}
HEADINGS = {"h2", "h3", "h4", "h5", "h6"}
CONTAINERS = {"ol", "ul", "dl", "div", "table", "pre", "details"}
BLOCKS = CONTAINERS | HEADINGS | {"p", "li", "dt", "dd", "tr", "td", "th", "hr", "tbody", "thead"}
# A start tag closes the open elements of its set, back to one of the other set.
CLOSES = {
    "li": ({"li"}, {"ol", "ul"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
}


class Node:
    """An element."""

    def __init__(self, tag, attributes, parent, line):
        self.tag, self.attributes, self.parent, self.line = tag, attributes, parent, line
        self.children = []

    def elements(self):
        return [child for child in self.children if isinstance(child, Node)]

    def walk(self):
        for child in self.elements():
            yield child
            yield from child.walk()

    def ancestor(self, fits):
        node = self
        while node is not None and not fits(node):
            node = node.parent
        return node

    def is_aside(self):
        """Whether it only explains."""
        classes = (self.attributes.get("class") or "").split()
        return not {"note", "example", "warning"}.isdisjoint(classes)

    def is_switch(self):
        return self.tag == "dl" and "switch" in (self.attributes.get("class") or "").split()


class Tree(HTMLParser):
    """The elements of a source, with the end tags that it leaves out."""

    def __init__(self, text, name):
        super().__init__()
        self.name = name
        self.root = self.top = Node("", {}, None, 1)
        self.feed(text)
        self.close()
        open_node = self.top.ancestor(lambda node: node.tag in CONTAINERS)
        if open_node is not None:
            raise Problem(f"{name}:{open_node.line}: `<{open_node.tag}>` is never closed")

    def handle_starttag(self, tag, attributes):
        inside, limit = CLOSES.get(tag, (set(), set()))
        if tag in BLOCKS:
            self.close_open({"p"}, CONTAINERS | {"li", "dd", "td", "th"})
        self.close_open(inside, limit)
        node = Node(tag, dict(attributes), self.top, self.getpos()[0])
        self.top.children.append(node)
        if tag not in VOID:
            self.top = node

    def close_open(self, tags, limit):
        node = self.top.ancestor(lambda node: node.tag in tags | limit)
        if node is not None and node.tag in tags:
            self.top = node.parent

    def handle_endtag(self, tag):
        node = self.top.ancestor(lambda node: node.tag == tag or node.tag in CONTAINERS)
        if node is not None and node.tag == tag:
            self.top = node.parent
        elif tag in CONTAINERS:
            found = "nothing" if node is None else f"the `<{node.tag}>` of line {node.line}"
            raise Problem(f"{self.name}:{self.getpos()[0]}: `</{tag}>` where {found} is open")

    def handle_data(self, data):
        self.top.children.append(data)


class Edition:
    """An edition of the Standard: what each anchor stands for."""

    def __init__(self, text, name):
        self.root = Tree(text, name).root
        self.anchors = {}
        for node in self.root.walk():
            for anchor in anchors_of(node):
                self.anchors.setdefault(anchor, node)
        self.idl = idl_definitions(self.root, self.anchors)

    def has(self, anchor):
        return anchor in self.anchors or anchor in self.idl

    def algorithm(self, anchor):
        """The text around its steps and, in order, (number, text) of each; of a definition, its text."""
        if anchor in self.idl:
            return self.idl[anchor], []
        text, branches = own(block(self.anchors[anchor]))
        return plain(text), list(steps(branches, ""))


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def anchors_of(node):
    if "id" in node.attributes:
        return [node.attributes["id"]]
    if node.tag != "dfn":
        return []
    term = node.attributes.get("lt", text_of(node)).split("|")[0]
    scope = (node.attributes.get("for") or "/").split(",")[0]
    return [slug(term) if scope == "/" else f"{slug(scope)}-{slug(term)}"]


def slug(text):
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")


def idl_definitions(root, anchors):
    """Dictionaries, unions and enumerations; `Translate IDs` of the metadata says what their anchors are."""
    idl = "\n".join(
        text_of(node) for node in root.walk() if node.tag == "pre" and node.attributes.get("class") == "idl"
    )
    metadata = next((node for node in root.walk() if node.attributes.get("class") == "metadata"), root)
    names = re.search(r"^Translate IDs: (.*)$", text_of(metadata), re.M)
    definitions = {}
    for entry in names[1].split(",") if names else []:
        (key, anchor) = (entry.split() + ["", ""])[:2]
        kind, _, name = key.partition("def-")
        kind = {"dict": "dictionary"}.get(kind, kind)
        head = rf"{kind} \(.*\)" if kind == "typedef" else kind
        text = re.search(rf"^{head} {re.escape(name)}\b[^;{{]*(?:\{{[^}}]*\}})?;", idl, re.M | re.I)
        if text and anchor:
            definitions[anchor] = plain(text[0])
    return definitions


def block(node):
    """The nodes that a definition consists of: its division, or all up to the next definition."""
    boxes = {"p", "dt", "li"} | HEADINGS
    box = node.ancestor(lambda n: n.tag in boxes or (n.tag == "div" and "algorithm" in n.attributes)) or node
    division = box.ancestor(lambda n: n.tag == "div" and "algorithm" in n.attributes)
    if division is not None:
        return [division]
    if box.tag == "li":
        return [box]
    siblings = box.parent.elements()
    following = siblings[siblings.index(box) + 1 :]
    nodes = [box]
    for sibling in following:
        if box.tag == "dt":
            goes_on = sibling.tag == "dd" or nodes[-1].tag == "dt"
        elif box.tag in HEADINGS:
            goes_on = sibling.tag not in HEADINGS | {"hr"} and "algorithm" not in sibling.attributes
        else:
            defines_more = any(inner.tag == "dfn" for inner in sibling.walk()) and sibling.tag in {"p", "div"}
            goes_on = not defines_more and sibling.tag not in HEADINGS | {"hr"} and "algorithm" not in sibling.attributes
        if not goes_on:
            break
        nodes.append(sibling)
    return nodes


def own(nodes):
    """The text of these nodes outside of lists of steps, and the branches that hold those."""
    text, branches = [], []
    for node in nodes:
        if isinstance(node, str):
            text.append(node)
        elif node.is_aside():
            continue
        elif node.tag == "ol":
            branches.append([node])
        elif node.is_switch():
            branches.extend(entries(node))
        else:
            inner, inner_branches = own(node.children)
            text.append(f" {inner} " if node.tag in BLOCKS else inner)
            branches.extend(inner_branches)
    return "".join(text), branches


def entries(switch):
    """Each entry: its `<dt>`s with the `<dd>` that they share."""
    entry = []
    for node in switch.elements():
        if node.tag == "dt" and entry and entry[-1].tag == "dd":
            yield entry
            entry = []
        if node.tag in {"dt", "dd"}:
            entry.append(node)
    if entry:
        yield entry


def steps(branches, prefix):
    for index, nodes in enumerate(branches):
        letter = chr(ord("a") + index)
        if index == 26:
            raise Problem(f"step {prefix or '0'} has more branches than there are letters")
        if nodes[0].tag != "ol":
            yield from step(nodes, prefix + letter)
            continue
        base = prefix + (letter if index else "")
        items = [node for node in nodes[0].elements() if node.tag == "li"]
        for position, item in enumerate(items, 1):
            yield from step(item.children, f"{base}.{position}" if base else str(position))


def step(nodes, number):
    text, branches = own(nodes)
    yield number, plain(text)
    yield from steps(branches, number)


def text_of(node):
    return "".join(child if isinstance(child, str) else text_of(child) for child in node.children)


def plain(text):
    """Without Bikeshed's markup, and with single spaces."""
    text = re.sub(r"\s*\[\[[^\]]*\]\],?", "", text)
    text = re.sub(r"\{\{([^}]*)\}\}|\[=([^\]]*)=\]|<\{([^}]*)\}>", lambda m: shown(m[1] or m[2] or m[3] or ""), text)
    text = re.sub(r"\|(\w[\w ]*)\|", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def shown(link):
    """What Bikeshed shows of a shorthand link."""
    link = link.partition("!!")[0]
    return link.rpartition("|")[2] if "|" in link else link.rpartition("/")[2]
