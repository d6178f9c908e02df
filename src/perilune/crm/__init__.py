"""Accounts, contacts, leads, opportunities, products, activities: what sales people keep."""
