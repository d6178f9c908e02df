"""Prevention: what is typed or arrives is looked up among the records before it is one too many."""

from perilune.hub.service.lookalikes.checking import check
from perilune.hub.service.lookalikes.following import BUILD, after_commit, build

__all__ = ["BUILD", "after_commit", "build", "check"]
