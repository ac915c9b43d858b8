"""Commands: what a person wishes; carried out by the engine, or refused loudly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.domain.archive import Series
from engine.domain.bots import BotSettings, FeedChoice
from engine.domain.import_preview import DETECTED, Choices
from engine.domain.presets import Preset
from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue
from engine.messages.recovery import ResumeChoice


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The answer to a wish that holds, but is not on disk yet: `words` say why and until when. A
    wish about running bots that is answered with nothing is on disk."""

    words: str


@dataclass(frozen=True, slots=True)
class CreateBot:
    """Answered with the new bot's id; `start` begins it at once."""

    settings: BotSettings
    start: bool = False


@dataclass(frozen=True, slots=True)
class UpdateBot:
    """Only while the bot is stopped."""

    bot_id: int
    settings: BotSettings


@dataclass(frozen=True, slots=True)
class DeleteBot:
    """Only while stopped and flat; its share goes back to the account."""

    bot_id: int


@dataclass(frozen=True, slots=True)
class StartBot:
    """Start, or go on with the interrupted session."""

    bot_id: int


@dataclass(frozen=True, slots=True)
class ResumeBots:
    """Go on with the sessions of bots that ran when the program ended; answered with those that
    do."""

    bot_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LeaveStopped:
    """End those sessions as if a person had stopped the bots; positions are kept."""

    bot_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetResumeChoice:
    """What becomes of running bots when the program ends and starts again."""

    choice: ResumeChoice


@dataclass(frozen=True, slots=True)
class PauseEntries:
    bot_id: int


@dataclass(frozen=True, slots=True)
class ResumeEntries:
    bot_id: int


@dataclass(frozen=True, slots=True)
class StopBot:
    """Keeps the position; it is UNGUARDED until the bot runs again or it is closed."""

    bot_id: int


@dataclass(frozen=True, slots=True)
class ClosePosition:
    """At the next price; the bot goes on."""

    bot_id: int


@dataclass(frozen=True, slots=True)
class CloseAndStop:
    bot_id: int


@dataclass(frozen=True, slots=True)
class MoveStop:
    """Put the stop of the open position to `price`; it is a multiple of the price step and not
    beyond the market price. Trailing may raise it further."""

    bot_id: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class MoveTarget:
    """Put the target of the open position to `price`; the table of ages no longer moves it."""

    bot_id: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class StopAll:
    """All bots stop, positions are kept."""


@dataclass(frozen=True, slots=True)
class PanicClose:
    """All positions close at the next price and all bots stop; stopped bots' positions too."""


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Market time per wall time of the simulated market, 1 to 600."""

    speed: float


@dataclass(frozen=True, slots=True)
class StartSimulation:
    """Make the sample bots on the simulated market and start them; answered with their ids."""

    seed: int = 7
    speed: float = 1.0
    bots: int = 5


@dataclass(frozen=True, slots=True)
class ResetAccount:
    """A fresh paper balance; only while all bots are stopped. Sessions stay in the history."""

    starting_balance: Decimal


@dataclass(frozen=True, slots=True)
class SetAccountLimits:
    """For all bots of the account together, from the next entry on; None is no limit."""

    max_open_positions: int | None
    max_exposure_pct: Decimal | None
    """Percent of the account's equity that open positions may set aside."""


@dataclass(frozen=True, slots=True)
class ImportCandles:
    """Files of one market into the archive, all or nothing; answered with what was imported.

    `paths`: files, or folders of them. `exchange`: under which name the candles are kept.
    """

    paths: tuple[str, ...]
    exchange: str
    symbol: str
    choices: Choices = DETECTED


@dataclass(frozen=True, slots=True)
class RunBacktest:
    """Answered with the session's id. `feed` is a file or an exchange's candles in the archive, of
    which the timeframe must be given; times are UTC ms, `to_at` exclusive.

    `fine_path` names candles of a finer timeframe that decide inside the bars, `funding_path` a
    file of funding rates; "" is none. Where the archive has finer candles they decide without
    being named, unless `finer_from_archive` is off.
    """

    feed: FeedChoice
    symbol: str
    timeframe_ms: int | None
    strategy: str
    params: dict[str, ParamValue] = field(default_factory=dict)
    trade: TradeSettings = field(default_factory=TradeSettings)
    signals_path: str = ""
    price_step: Decimal | None = None
    amount_step: Decimal | None = None
    from_at: int | None = None
    to_at: int | None = None
    fine_path: str = ""
    funding_path: str = ""
    min_amount: Decimal = Decimal(0)
    min_notional: Decimal = Decimal(0)
    finer_from_archive: bool = True


@dataclass(frozen=True, slots=True)
class RunSweep:
    """Answered with the sweep's number once it has ended; its results come with the reports, each
    a SweepProgress.

    `values` by name: of the strategy's parameters and of trade settings; one value fixes a name,
    and what is not named is as `backtest` says. `draw` sets are taken by chance (`seed`); None
    takes the whole grid. The last `hold_back_pct` percent of the bars are played on their own, as
    a test on data that chose nothing.
    """

    backtest: RunBacktest
    values: Mapping[str, tuple[Decimal | None, ...]]
    draw: int | None = None
    seed: int = 1
    hold_back_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PauseSweep:
    """The sweep that runs waits after the sets that are being played, or goes on."""

    paused: bool


@dataclass(frozen=True, slots=True)
class EndSweep:
    """The sweep that runs ends after the sets that are being played; what is done is kept."""


@dataclass(frozen=True, slots=True)
class PromoteSet:
    """Store one set of a sweep as a backtest over its whole period; answered with its id."""

    sweep_id: int
    no: int


@dataclass(frozen=True, slots=True)
class KeepSweep:
    """Off the list of sweeps, its sessions stay; or back, as long as no purge came (at the earliest
    ten seconds after it, at the latest when the program ends)."""

    sweep_id: int
    kept: bool


@dataclass(frozen=True, slots=True)
class RunReplay:
    """Run a finished session again and keep what it comes to as a session of mode replay; answered
    with that session's id."""

    session_id: int


@dataclass(frozen=True, slots=True)
class KeepSamePeriod:
    """Backtest the period of a bot's session on candles from elsewhere and keep that as a session
    of mode backtest; answered with its id."""

    session_id: int


@dataclass(frozen=True, slots=True)
class PortfolioBot:
    """One bot of a portfolio. The cash of its trade settings does not count."""

    name: str
    wish: RunBacktest


@dataclass(frozen=True, slots=True)
class RunPortfolio:
    """Bots that share one balance; answered with the ids of their sessions, in their order."""

    bots: tuple[PortfolioBot, ...]
    cash: Decimal
    max_open_positions: int | None = None
    max_exposure_pct: Decimal | None = None
    """Percent of the equity that open positions may set aside together."""


@dataclass(frozen=True, slots=True)
class DownloadCandles:
    """Fetch what the archive lacks of a series in [from_at, to_at), UTC ms; answered with how many
    candles came. Cancelled, it keeps what came; the same wish goes on from there."""

    series: Series
    from_at: int
    to_at: int


@dataclass(frozen=True, slots=True)
class DeleteCandles:
    """Remove a series from the archive; answered with the bytes that are free now."""

    series: Series


@dataclass(frozen=True, slots=True)
class RenameSession:
    """What a person calls a session; "" is its strategy's name again."""

    session_id: int
    title: str


@dataclass(frozen=True, slots=True)
class NoteSession:
    """What a person writes about a session; "" is nothing."""

    session_id: int
    note: str


@dataclass(frozen=True, slots=True)
class TagSessions:
    """Words that a person finds sessions by again."""

    session_ids: tuple[int, ...]
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteSessions:
    """Out of the history at once; for good ten seconds later, or when the program ends. Refused
    as a whole for one that runs, can still go on, or is needed by another session."""

    session_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RestoreSessions:
    """Back into the history, unless they are gone for good."""

    session_ids: tuple[int, ...]


BotCommand = (
    UpdateBot
    | DeleteBot
    | StartBot
    | PauseEntries
    | ResumeEntries
    | StopBot
    | ClosePosition
    | CloseAndStop
    | MoveStop
    | MoveTarget
)


@dataclass(frozen=True, slots=True)
class SavePreset:
    """Keep settings under a name, in place of those that have it."""

    preset: Preset


@dataclass(frozen=True, slots=True)
class DeletePreset:
    name: str


SessionCommand = RenameSession | NoteSession | TagSessions | DeleteSessions | RestoreSessions
Command = (
    BotCommand
    | SavePreset
    | DeletePreset
    | CreateBot
    | ResumeBots
    | LeaveStopped
    | SetResumeChoice
    | StopAll
    | PanicClose
    | SetSpeed
    | StartSimulation
    | ResetAccount
    | SetAccountLimits
    | ImportCandles
    | RunBacktest
    | RunSweep
    | PauseSweep
    | EndSweep
    | PromoteSet
    | KeepSweep
    | RunPortfolio
    | RunReplay
    | KeepSamePeriod
    | DownloadCandles
    | DeleteCandles
    | SessionCommand
)
