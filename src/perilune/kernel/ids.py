"""Typed identifiers: an integer that says what it identifies."""

from typing import NewType

RecordId = NewType("RecordId", int)
RepId = NewType("RepId", int)
TeamId = NewType("TeamId", int)
AccountId = NewType("AccountId", int)
OpportunityId = NewType("OpportunityId", int)
ChangeSetId = NewType("ChangeSetId", int)
RunId = NewType("RunId", int)
