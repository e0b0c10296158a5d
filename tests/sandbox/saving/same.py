"""What a state holds, to compare it with what was saved of it."""

from typing import Any

from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.state import TABLES, State
from astra.sandbox.saving.saver import WRITERS, take, text_of

Rows = dict[tuple[str, str], str]


def rows_of(state: State) -> Rows:
    """All that is saved bit by bit, by kind and id."""
    found: Rows = {}
    for kind, part in state.parts().items():
        write = WRITERS.get(kind, list)
        found.update({(kind, str(key)): text_of(write(row)) for key, row in part.rows.items()})
    return found


def everything(state: State) -> dict[str, Any]:
    """All that is saved, and all that is made of it when it is read."""
    owned = {
        name: {owner: [one.id for one in held] for owner, held in getattr(state, name).owned.items() if held}
        for name in TABLES
    }
    return {
        "rows": rows_of(state),
        "seq": state.seq,
        "owned": owned,
        "held": {id: amount for id, amount in state.held.items() if amount},
        "by_routine": {id: [one.id for one in made] for id, made in state.by_routine.items()},
        "emails": state.intents_by_email,
        "due": state.schedule.due(),
    }


class Notes:
    """Saves the records of an engine into memory whenever it is asked something, and tells what it was not told of."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.saved: Rows = {}
        self._resets = engine.resets
        self._settle = engine.settle
        engine.settle = self.settle  # type: ignore[method-assign]

    def settle(self) -> None:
        self._settle()
        with self.engine.lock:
            self.save()

    def save(self) -> None:
        if self._resets != self.engine.resets:  # everything is written anew then
            self._resets = self.engine.resets
            self.saved.clear()
            for part in self.engine.state.parts().values():
                part.unsaved.update(part.rows)
        rows, gone = take(self.engine.state, 10**9)
        self.saved.update({(kind, id): values for kind, id, _, values in rows})
        for key in gone:
            self.saved.pop(key, None)

    def missing(self) -> set[tuple[str, str]]:
        """Kind and id of records that have changed without a note."""
        with self.engine.lock:
            self.save()
            live = rows_of(self.engine.state)
        return {key for key, _ in live.items() ^ self.saved.items()}
