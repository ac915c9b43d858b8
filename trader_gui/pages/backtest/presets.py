"""Settings kept under a name: chosen again, saved, deleted."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.presets import LONGEST_NAME, Preset
from engine.errors import InvalidSetting
from engine.language import tr
from engine.messages.commands import DeletePreset, SavePreset
from trader_gui.door.bridge import Bridge
from trader_gui.forms.strategy_form import StrategyForm
from trader_gui.forms.trade_form import TradeForm
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label, set_tip

_TIP: Final = tr(
    "The strategy with its parameters, and everything below it, under a name. Type a "
    "new name and save, or choose one that is there."
)


class PresetBar(QWidget):
    """Fills `strategy` and `trade` with what is chosen, and saves what stands there. `said(text)`,
    `failed(Fault)`."""

    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        strategy: StrategyForm,
        trade: TradeForm,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._strategy, self._trade = bridge, strategy, trade
        self._known: dict[str, Preset] = {}
        self._asked = False
        self.name = _NameBox()
        self.name.setAccessibleName(tr("Preset"))
        set_tip(self.name, _TIP)
        self.name.activated.connect(lambda _: self.choose(self.name.currentText()))
        self.name.editTextChanged.connect(lambda _: self._offer())
        self.name.entered.connect(self._enter)
        self.save = TextButton(tr("Save"))
        self.save.clicked.connect(self.keep)
        self.delete = IconButton("trash", tr("Delete this preset"))
        self.delete.clicked.connect(self.remove)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.name, 1)
        row.addWidget(self.save)
        row.addWidget(self.delete)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(tr("Preset"), "small"))
        column.addLayout(row)
        self._offer()

    @property
    def names(self) -> list[str]:
        return list(self._known)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._asked:
            self._asked = True
            self._ask()

    def choose(self, name: str) -> None:
        """Fill the form with the preset of that name, if there is one."""
        preset = self._known.get(name)
        if preset is None:
            return
        self._strategy.set_strategy(preset.strategy, preset.params, preset.trade.direction)
        self._trade.set_settings(preset.trade)
        self._strategy.changed.emit()

    def keep(self) -> None:
        """Save what stands in the form under the name, in place of the one that has it."""
        try:
            preset = self._from_form()
        except InvalidSetting as fault:
            self.failed.emit(fault)
            return
        words = tr("Preset {name} was saved.", name=preset.name)
        if self._is_known:
            words = tr("Preset {name} was replaced.", name=preset.name)
        self._bridge.send(SavePreset(preset), lambda _: self._done(words), self.failed.emit)

    def remove(self) -> None:
        """Delete the preset of that name. What stands in the form stays: saving brings it back."""
        name = self._name
        words = tr(
            "Preset {name} was deleted. Its settings stand in the form until you change them.",
            name=name,
        )
        if self._is_known:
            self.choose(name)
            self._bridge.send(DeletePreset(name), lambda _: self._done(words), self.failed.emit)

    @property
    def _name(self) -> str:
        return " ".join(self.name.currentText().split())

    @property
    def _is_known(self) -> bool:
        return self._name in self._known

    def _from_form(self) -> Preset:
        """InvalidSetting for what cannot be meant."""
        trade = self._trade.settings(self._strategy.chosen_direction)
        return Preset(self._name, self._strategy.card.name, self._strategy.values(), trade)

    def _enter(self) -> None:
        if self._is_known:
            self.choose(self._name)
        elif self._name:
            self.keep()

    def _done(self, words: str) -> None:
        self.said.emit(words)
        self._ask()

    def _ask(self) -> None:
        self._bridge.ask("presets", lambda engine: engine.presets(), self._take, self.failed.emit)

    def _take(self, presets: tuple[Preset, ...]) -> None:
        typed = self.name.currentText()
        self._known = {preset.name: preset for preset in presets}
        self.name.blockSignals(True)
        self.name.clear()
        self.name.addItems(self.names)
        self.name.setCurrentIndex(-1)
        self.name.setEditText(typed)
        self.name.blockSignals(False)
        self._offer()

    def _offer(self) -> None:
        name, known = self._name, self._is_known
        self.save.setEnabled(bool(name))
        self.save.setText(tr("Replace") if known else tr("Save"))
        self.delete.setEnabled(known)
        if known:
            tips = tr("Put what stands below in place of this preset"), tr("Delete this preset")
        elif name:
            tips = tr("Keep what stands below under this name"), tr("No preset has this name yet")
        else:
            tips = tr("Type a name to save what stands below"), tr("Choose a preset to delete it")
        for button, tip in zip((self.save, self.delete), tips, strict=True):
            set_tip(button, tip)


class _NameBox(QComboBox):
    """A name to be typed or chosen; `entered()` with Return."""

    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        # It would make another preset's name of a new one. The stub forgets that None is meant.
        self.setCompleter(None)  # type: ignore[arg-type]
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        editor = self.lineEdit()
        assert editor is not None, "it can be edited"
        editor.setPlaceholderText(tr("Choose or type a name"))
        editor.setMaxLength(LONGEST_NAME)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)
