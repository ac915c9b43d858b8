"""What a proof says, in lines a person reads. Pure functions."""

from __future__ import annotations

from typing import Final

from engine.language import tr, trn
from engine.messages.proof import Difference, OneSide, Proof
from engine.messages.value_words import word
from trader_gui.models.trust import TrustLine

HASH_SHOWN: Final = 12


def proof_line(proof: Proof) -> TrustLine:
    """Equal or different, and how it was compared."""
    versions = tr(
        "recorded by {then}, run again by {now}", then=proof.recorded_version, now=proof.version
    )
    if proof.difference is None:
        return TrustLine(
            "ok",
            trn("Equal in all {count:,} events", "Equal in all {count:,} events", proof.events),
            _compared_by(proof, versions),
        )
    return TrustLine(
        "warn",
        tr("Different from event {number:,} on", number=proof.difference.number),
        tr(
            "Hash {then} then, {now} now, {versions}",
            then=proof.recorded_hash[:HASH_SHOWN],
            now=proof.replayed_hash[:HASH_SHOWN],
            versions=versions,
        ),
    )


def _compared_by(proof: Proof, versions: str) -> str:
    shown = proof.recorded_hash[:HASH_SHOWN]
    if not proof.rows_hash:
        return tr("Hash {hash}, {versions}", hash=shown, versions=versions)
    return tr(
        "Hash {hash}, of its recording {rows}, {versions}",
        hash=shown,
        rows=proof.rows_hash[:HASH_SHOWN],
        versions=versions,
    )


def hashes(proof: Proof) -> str:
    """Whole, to be compared or copied."""
    events = proof.recorded_hash
    if proof.difference is not None:
        now = proof.replayed_hash
        events = tr("recorded {then}\nrun again {now}", then=events, now=now)
    if not proof.rows_hash:
        return events
    return tr("{events}\nrecording {rows}", events=events, rows=proof.rows_hash)


def cause_words(difference: Difference) -> str:
    """The cause and what shows it."""
    cause = word(difference.cause.value)
    return f"{cause[:1].upper()}{cause[1:]}. {difference.why}"


def side_words(side: OneSide) -> str:
    """One side of the first event that differs, with what it came from."""
    return "\n".join([side.event, *(f"{name}: {words}" for name, words in side.inputs)])


def field_words(difference: Difference) -> str:
    """The numbers that differ, each with both values."""
    return "\n".join(
        tr("{field}: {then} then, {now} now", field=one.name, then=one.recorded, now=one.replayed)
        for one in difference.fields
    )
