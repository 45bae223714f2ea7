"""The inputs of a proof: those that reach something new, with what their handlers need to be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from untangle.simulate.handlers.invocation import Unable
from untangle.simulate.provision import keys_of_tables
from untangle.simulate.verify.before import missing
from untangle.simulate.verify.bench import Bench
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.options import Options
from untangle.simulate.verify.outcome import Outcome
from untangle.simulate.verify.sample import Sampler
from untangle.simulate.verify.scenarios import reached
from untangle.simulate.verify.stimuli import doors, given, user_given
from untangle.simulate.verify.vocabulary import Vocabulary, vocabulary

ROUNDS = 4  # in which what a run missed is put there


def inputs(bench: Bench, options: Options, unable: dict[str, str]) -> list[Given]:
    """The inputs to prove with, in order; why functions could not be run goes into `unable`."""
    application = bench.application
    chain = application.chain
    if chain is None:
        return []
    words = vocabulary(application.graph, application.root, chain.functions, chain.hops)
    chosen: list[Given] = []
    known: set[str] = set()
    for door in doors(application):
        made = user_given(door, options.inputs) if options.inputs else given(door, words, options.seed)
        for one in made:
            found = _prepared(bench, one, words, unable)
            if found is None:
                continue
            prepared, side = found
            new = reached(side) - known
            always = bool(options.inputs) or len(prepared.stimuli) > 1 or prepared.name.endswith("an empty one")
            if new or always:
                known |= new
                chosen.append(prepared)
            if prepared is not one and (new := reached(bench.choreography(one)) - known):  # what handlers look for is missing
                known |= new
                chosen.append(one)
    return chosen


def _prepared(bench: Bench, one: Given, words: Vocabulary, unable: dict[str, str]) -> tuple[Given, Outcome] | None:
    """The input with what its run missed put there before, and its run; None where it could not be run."""
    sampler = Sampler(words=words, keys=keys_of_tables(bench.application))
    try:
        side = bench.choreography(one)
        for round in range(ROUNDS):
            more = missing(side.log, sampler)
            fresh = [call for call in more if call not in one.before]
            if not fresh:
                break
            fuller = replace(one, name=one.name if round else f"{one.name}, with what it looks for", before=(*one.before, *fresh))
            fuller = replace(fuller, name=f"{fuller.name.removesuffix('+')}{'+' if round else ''}")
            again = bench.choreography(fuller)
            if len(reached(again)) < len(reached(side)):
                break
            one, side = fuller, again
    except Unable as reason:
        unable[reason.function] = reason.reason
        return None
    return one, side


def main_inputs(bench: Bench, chosen: Sequence[Given]) -> Iterator[Given]:
    """As few of them as reach all functions that any of them reaches with success: faults are planted for these."""
    left = {one.name: _succeeded(bench.choreography(one)) for one in chosen}
    wanted = frozenset().union(*left.values()) if left else frozenset()
    by_name = {one.name: one for one in chosen}
    while wanted:
        best = max(left, key=lambda name: (len(left[name] & wanted), -len(by_name[name].stimuli)))
        yield by_name[best]
        if not left[best] & wanted:
            return
        wanted -= left[best]


def _succeeded(side: Outcome) -> frozenset[str]:
    return frozenset(run.function for run in side.runs if run.succeeded)
