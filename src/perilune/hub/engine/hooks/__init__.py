"""Webhooks, computed: proofs of senders, what calls name, addresses that may be called."""
