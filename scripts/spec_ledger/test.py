"""Tests of what `scripts/spec` is made of: `python3 scripts/spec_ledger/test.py`."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from spec_ledger import Problem
from spec_ledger.code import Citation, parent, statements
from spec_ledger.edition import Edition, hash_of
from spec_ledger.ledger import Change, successor

SOURCE = """
<div algorithm>
<p>To <dfn id=do-it>do it</dfn>, run these steps:
<ol>
 <li><p>Let <var>x</var> be   <a for=x>a</a>. [[!HTTP]]
  <p class=note>Not said.
 <li>
  <p>Switch:
  <dl class=switch>
   <dt>"a"
   <dt>"b"
   <dd><p>Stop.
   <dt>Otherwise
   <dd><ol><li>One<li>Two</ol>
  </dl>
 <li><p>While true:
  <ul><li><ol><li>In a list</ol></ul>
  <p>Then:
  <ol><li>[=a/Go|go=] on</ol>
</ol>
</div>
<p>A <dfn for=it>thing</dfn> is one of
<ul><li>this</ul>
<p>Really.
<p>A <dfn>other</dfn> one.
"""


def entry(steps, intro="do"):
    numbered = [{"number": n, "hash": hash_of(text), "reviewed": hash_of(text)} for n, text in steps]
    return {"hash": hash_of(intro), "reviewed": hash_of(intro), "steps": numbered}


class Editions(unittest.TestCase):
    def test_steps_are_numbered_and_have_their_own_text_only(self):
        intro, steps = Edition(SOURCE, "x").algorithm("do-it")
        self.assertEqual(intro, "To do it, run these steps:")
        self.assertEqual(
            steps,
            [
                ("1", "Let x be a."),
                ("2", "Switch:"),
                ("2a", '"a" "b" Stop.'),
                ("2b", "Otherwise"),
                ("2b.1", "One"),
                ("2b.2", "Two"),
                ("3", "While true: Then:"),
                ("3.1", "In a list"),
                ("3b.1", "go on"),
            ],
        )

    def test_a_definition_reaches_up_to_the_next(self):
        self.assertEqual(Edition(SOURCE, "x").algorithm("it-thing"), ("A thing is one of this Really.", []))

    def test_markup_and_white_space_do_not_matter(self):
        other = SOURCE.replace("<var>x</var>", "|x|").replace("   <a for=x>a</a>", "\n[=a=]")
        self.assertEqual(Edition(other, "x").algorithm("do-it"), Edition(SOURCE, "x").algorithm("do-it"))

    def test_what_is_not_closed_is_told(self):
        for bad in (SOURCE.replace("</ol>\n</div>", "</div>"), SOURCE + "<ol>", SOURCE + "</ul>"):
            self.assertRaises(Problem, Edition, bad, "x")


class Changes(unittest.TestCase):
    OLD = [("1", "one"), ("2", "two of them are enough"), ("3", "three")]

    def change(self, new, texts=None):
        return Change(entry(self.OLD), "do", new, texts)

    def test_what_only_moved_is_renumbered(self):
        change = self.change([("1", "new"), ("2", "one"), ("3", "two of them are enough"), ("4", "three")])
        self.assertEqual((change.added, change.removed, change.changed), (["1"], [], []))
        self.assertEqual(change.moved, {"1": "2", "2": "3", "3": "4"})

    def test_what_is_renumbered_keeps_slug_and_review_and_says_what_it_was(self):
        old = entry(self.OLD)
        old["steps"][2] |= {"slugs": ["third"], "reviewed": "earlier"}
        new = [("1", "one"), ("2", "three")]
        ledger = {"algorithms": {"x": old}}
        algorithm, lost = successor(ledger, "x", Change(old, "do", new), {("x", "third"): "3"}, False)
        step = {"number": "2", "hash": hash_of("three"), "reviewed": "earlier", "slugs": ["third"], "was": "3"}
        self.assertEqual((algorithm["steps"][1], lost), (step, []))
        back, _ = successor({"algorithms": {"x": algorithm}}, "x", Change(algorithm, "do", self.OLD), {}, False)
        self.assertNotIn("was", back["steps"][2])

    def test_what_changed_keeps_its_place(self):
        change = self.change([("1", "one"), ("2", "other"), ("3", "three")])
        self.assertEqual((change.added, change.removed, change.changed), ([], [], ["2"]))

    def test_with_the_old_text_a_changed_step_is_told_from_a_new_one(self):
        new = [("1", "one"), ("2", "new"), ("3", "two of them are really enough"), ("4", "three")]
        change = self.change(new, self.OLD)
        self.assertEqual((change.added, change.changed, change.moved["2"]), (["2"], ["2"], "3"))

    def test_a_step_goes_with_the_one_above_it(self):
        change = Change(entry([("8", "x"), ("8b.1", "y")]), "do", [("7", "x"), ("7b.1", "y")])
        self.assertTrue(change.led_by_parent("8b.1"))
        self.assertFalse(change.led_by_parent("8"))


class Code(unittest.TestCase):
    def test_a_range_names_steps_of_its_list(self):
        order = ["1", "2", "2a", "2b", "2b.1", "3", "4"]
        citation = Citation("", "x", "1 to 3, 2a and 2b.1", "cites")
        self.assertEqual([n for n in order if citation.names(n, order)], ["1", "2", "2a", "2b.1", "3"])
        self.assertEqual([parent(n) for n in ("2", "2a", "2b.1", "2.1")], ["", "2", "2b", "2"])

    def test_comments_are_joined_up_to_the_next_statement(self):
        lines = ["/// <https://x>", "/// NOT MODELLED 1 (a,", "/// b): c", "x // 1. no", "// 1. A", "// b.", "// 2. C"]
        self.assertEqual(
            [text for _, _, text in statements(lines)],
            ["<https://x>", "NOT MODELLED 1 (a, b): c", "1. A b.", "2. C"],
        )


if __name__ == "__main__":
    unittest.main()
