"""The verbs of the hub: `import`, `imports`, `duplicates`."""
