"""The Django app of the CRM records."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Accounts, contacts, leads, opportunities, products, activities, campaigns, cases."""

    name = "perilune.crm"
    label = "crm"
