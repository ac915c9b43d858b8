"""What a proof says, in lines a person reads. Pure functions."""

from __future__ import annotations

from typing import Final

from engine.messages.proof import Difference, OneSide, Proof
from trader_gui import format as fmt
from trader_gui.models.trust import TrustLine

HASH_SHOWN: Final = 12


def proof_line(proof: Proof) -> TrustLine:
    """Equal or different, and how it was compared."""
    versions = f"recorded by {proof.recorded_version}, run again by {proof.version}"
    if proof.difference is None:
        return TrustLine(
            "ok",
            f"Equal in all {fmt.count(proof.events)} events",
            f"Hash {proof.recorded_hash[:HASH_SHOWN]}, {versions}",
        )
    return TrustLine(
        "warn",
        f"Different from event {fmt.count(proof.difference.number)} on",
        f"Hash {proof.recorded_hash[:HASH_SHOWN]} then, {proof.replayed_hash[:HASH_SHOWN]} now, "
        f"{versions}",
    )


def hashes(proof: Proof) -> str:
    """Whole, to be compared or copied."""
    if proof.difference is None:
        return proof.recorded_hash
    return f"recorded {proof.recorded_hash}\nrun again {proof.replayed_hash}"


def cause_words(difference: Difference) -> str:
    """The cause and what shows it."""
    cause = difference.cause.value
    return f"{cause[:1].upper()}{cause[1:]}. {difference.why}"


def side_words(side: OneSide) -> str:
    """One side of the first event that differs, with what it came from."""
    return "\n".join([side.event, *(f"{name}: {words}" for name, words in side.inputs)])


def field_words(difference: Difference) -> str:
    """The numbers that differ, each with both values."""
    return "\n".join(
        f"{one.name}: {one.recorded} then, {one.replayed} now" for one in difference.fields
    )
