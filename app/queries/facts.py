"""What the facts of a host say: whether it is virtual, and on what it runs. Facts must agree; none outvotes another."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, cast

from app.folding import fold_key
from app.queries.lexicon import LONGEST_VALUE, Fact, Term, Words, read_fact, read_terms
from app.queries.meanings import refer_to_entry

if TYPE_CHECKING:
    from app.shapes.entries import EntryReference
    from app.shapes.results import FactResult, FactVerdict, HostResult, Verdict
    from app.store.tables import Comparison

# The facts of a host: for each scheme, the values that its tool or field reports.
Facts = Mapping[str, Sequence[str]]
# Of these a machine has one; of what virtualizes networks, storage or desktops it may use several.
ONE_AT_A_TIME = ("hypervisors", "server", "container")
TYPES = "SELECT id, type FROM example WHERE id IN (SELECT value FROM json_each(?))"


def identify_hosts(words: Words, hosts: Sequence[Facts]) -> "list[HostResult]":
    """Say for each host what its facts say; every scheme must be one of the dataset."""
    values = chain.from_iterable(chain.from_iterable(facts.values()) for facts in hosts)
    keys = {fold_key(value) for value in values if len(value) <= LONGEST_VALUE}
    terms = read_terms(words.connection, keys)
    # By scheme, so that the answer does not depend on the order in which they come.
    stated = [
        [read_fact(words, scheme, value, terms) for scheme, values in sorted(facts.items()) for value in values]
        for facts in hosts
    ]
    types = read_example_types(words, (term for facts in stated for fact in facts for term in fact.terms))
    return [identify(words, facts, types) for facts in stated]


def read_example_types(words: Words, terms: Iterable[Term]) -> dict[str, str]:
    """Read the virtualization type of each example that terms identify."""
    ids = {term["entry_id"] for term in terms if term["resource"] == "examples"}
    return dict(words.connection.execute(TYPES, (json.dumps([*ids]),)).fetchall())


def identify(words: Words, stated: Sequence[Fact], types: Mapping[str, str]) -> "HostResult":
    """Intersect what the facts of a host allow. A value that is not known says nothing: it is no proof of hardware."""
    known = [fact for fact in stated if fact.terms or fact.marks]
    counted = leave_out_nested(known)
    allowed: dict[str, set[int]] = {}
    # What machines of other products show as well contradicts nothing, and so comes last.
    for fact in sorted(counted, key=lambda fact: "shared" in fact.marks):
        for layer, ordinals in layers_of(fact.terms, types).items():
            before = allowed.get(layer, ordinals)
            left = narrow(before, ordinals, words.lexicon.bases)
            if not left and "shared" in fact.marks:
                left = before
            elif not left and layer not in ONE_AT_A_TIME:
                left = before | ordinals
            allowed[layer] = left
    guest = all(fact.may_be_guest for fact in counted)
    physical = all(fact.may_be_physical for fact in counted)
    if not (guest or physical) or set() in allowed.values():
        verdict: Verdict = "conflict"
    else:
        verdict = verdict_of(guest=guest, physical=physical)
    possible = set().union(*allowed.values())
    found = [term for fact in counted for term in fact.terms if term["ordinal"] in possible]
    return {
        "verdict": verdict,
        "items": [] if verdict == "conflict" else items_of(words, found),
        "because": [explain(words, fact) for fact in known],
        "unrecognized": [
            {"scheme": fact.scheme, "value": fact.value} for fact in stated if not (fact.terms or fact.marks)
        ],
    }


def leave_out_nested(known: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out what a virtual machine hosts itself: that says what it offers, not on what it runs.

    What only the host of a product reports contradicts that the machine is a guest of the same product.
    """
    guests = [fact for fact in known if not fact.may_be_physical]
    runs_on: set[int] = set().union(*(fact.ordinals for fact in guests))
    return [
        fact
        for fact in known
        if not guests
        or "hosts" not in fact.marks
        or "not_virtualized" in fact.marks
        or not ("shared" in fact.marks or runs_on.isdisjoint(fact.ordinals))
    ]


def narrow(allowed: set[int], ordinals: set[int], bases: Mapping[int, frozenset[int]]) -> set[int]:
    """Keep what a further fact allows too; where that is nothing, what is based on what the other allows.

    A tool may report the hypervisor that a product is based on: a guest of Nutanix AHV has the signature of KVM.
    """
    pairs = ((allowed, ordinals), (ordinals, allowed))
    return allowed & ordinals or {
        product for products, others in pairs for product in products if not others.isdisjoint(bases.get(product, ()))
    }


def verdict_of(*, guest: bool, physical: bool) -> "FactVerdict":
    """Say what a machine is, given what it may be."""
    return "unknown" if guest == physical else "virtual" if guest else "physical"


def layers_of(terms: Iterable[Term], types: Mapping[str, str]) -> dict[str, set[int]]:
    """Group the entries of a fact by what can contradict: a container on a hypervisor does not, two hypervisors do."""
    layers: dict[str, set[int]] = {}
    for term in terms:
        layer = types[term["entry_id"]] if term["resource"] == "examples" else term["resource"]
        layers.setdefault(layer, set()).add(term["ordinal"])
    return layers


def items_of(words: Words, terms: Iterable[Term]) -> "list[EntryReference]":
    """Refer to the entries of terms, each once, in the order of the source document."""
    by_entry = {term["ordinal"]: term for term in terms}
    return [refer_to_entry(by_entry[ordinal], words.lang) for ordinal in sorted(by_entry)]


def explain(words: Words, fact: Fact) -> "FactResult":
    """Say what a fact alone says, by which string of the dataset, and from which source."""
    scheme = words.lexicon.schemes[fact.scheme]
    term = fact.terms[0] if fact.terms else None
    return {
        "scheme": fact.scheme,
        "value": fact.value,
        "match": cast("Comparison", term["match"] if term else "exact"),
        "matched": term["value"] if term else fact.value,
        "verdict": verdict_of(guest=fact.may_be_guest, physical=fact.may_be_physical),
        "items": items_of(words, fact.terms),
        "source": {"title": scheme["title"], "url": scheme["url"]},
    }
