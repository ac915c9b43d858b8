"""What a proof says, in lines a person reads. Pure functions."""

from __future__ import annotations

from typing import Final

from engine.language import tr
from engine.messages.proof import Difference, OneSide, Proof
from trader_gui import format as fmt
from trader_gui.models.trust import TrustLine

HASH_SHOWN: Final = 12


def proof_line(proof: Proof) -> TrustLine:
    """Equal or different, and how it was compared."""
    versions = tr(
        "recorded by {recorded_version}, run again by {version}",
        recorded_version=proof.recorded_version,
        version=proof.version,
    )
    if proof.difference is None:
        return TrustLine(
            "ok",
            tr("Equal in all {count} events", count=fmt.count(proof.events)),
            tr(
                "Hash {recorded_hash}, {versions}",
                recorded_hash=proof.recorded_hash[:HASH_SHOWN],
                versions=versions,
            ),
        )
    return TrustLine(
        "warn",
        tr("Different from event {count} on", count=fmt.count(proof.difference.number)),
        tr(
            "Hash {recorded_hash} then, {replayed_hash} now, {versions}",
            recorded_hash=proof.recorded_hash[:HASH_SHOWN],
            replayed_hash=proof.replayed_hash[:HASH_SHOWN],
            versions=versions,
        ),
    )


def hashes(proof: Proof) -> str:
    """Whole, to be compared or copied."""
    if proof.difference is None:
        return proof.recorded_hash
    return tr(
        "recorded {recorded_hash}\nrun again {replayed_hash}",
        recorded_hash=proof.recorded_hash,
        replayed_hash=proof.replayed_hash,
    )


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
