"""The frame of a page: navigation, header, actions, notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from perilune.ui.contracts.figures import Status, Tone


@dataclass(frozen=True)
class NavItem:
    """A room in the left rail. The first four also stand in the phone's bottom bar."""

    name: str
    label: str
    url: str
    icon: str = "square"
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Freshness:
    """The age of the data: version of the store, how far it is behind the records, when built."""

    version: int
    behind_seconds: float = 0.0
    built_at: datetime | None = None


@dataclass(frozen=True)
class Link:
    """A text with an address; in_drawer opens it beside the page."""

    label: str
    url: str
    in_drawer: bool = False
    icon: str = ""


@dataclass(frozen=True)
class Action:
    """A verb. `label` says what happens; `consequence` what follows from it.

    method: «get» is a link, «post» a form with `values` as hidden fields.
    shortcut: one key, pressed outside of fields. in_drawer: the answer opens in the drawer.
    refused: why it cannot be done now; the button is then shown disabled with that reason.
    """

    label: str
    url: str
    method: str = "get"
    icon: str = ""
    shortcut: str = ""
    consequence: str = ""
    is_primary: bool = False
    is_dangerous: bool = False
    in_drawer: bool = False
    refused: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Tab:
    """One of several views of the same page, such as a saved view."""

    label: str
    url: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class PageHeader:
    """Title, the sentence that states the finding, actions at right, tabs below.

    parts: the pages of the current tab, where it has several: they stand below the tabs.
    is_compact: the tabs stand beside the title where there is room, for pages of one screen.
    """

    title: str
    finding: str = ""
    actions: Sequence[Action] = ()
    tabs: Sequence[Tab] = ()
    parts: Sequence[Tab] = ()
    back: Link | None = None
    statuses: Sequence[Status] = ()
    is_machine_made: bool = False
    is_compact: bool = False


@dataclass(frozen=True)
class Confirm:
    """A question before what cannot be undone; what can be undone gets an undo toast instead.

    word: must be typed before the verb is offered; empty for none.
    """

    title: str
    consequence: str
    action: Action
    cancel_url: str = ""
    word: str = ""


@dataclass(frozen=True)
class Toast:
    """A short notice after a verb, with its undo."""

    message: str
    undo_url: str = ""
    tone: Tone = Tone.NEUTRAL
    link: Link | None = None
