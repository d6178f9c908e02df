"""Webhooks: calls of other systems that are taken, and what other systems are told."""

from perilune.hub.service.hooks.incoming import (
    Receipt,
    hook_add,
    hook_receive,
    hook_remove,
    hook_rotate,
    hook_switch,
)
from perilune.hub.service.hooks.running import HOOKS, hooks_wake
from perilune.hub.service.hooks.sending import delivery_again
from perilune.hub.service.hooks.subscribing import (
    subscription_add,
    subscription_remove,
    subscription_rotate,
    subscription_switch,
    subscription_test,
)

__all__ = [
    "HOOKS",
    "Receipt",
    "delivery_again",
    "hook_add",
    "hook_receive",
    "hook_remove",
    "hook_rotate",
    "hook_switch",
    "hooks_wake",
    "subscription_add",
    "subscription_remove",
    "subscription_rotate",
    "subscription_switch",
    "subscription_test",
]
