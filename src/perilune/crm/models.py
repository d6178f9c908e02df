"""The records of the CRM as they stand now: projections of history, one class a kind."""

from __future__ import annotations

from typing import Any

from django.db import models

from perilune.history.models import Record


def _reference(to: str) -> models.ForeignKey[Any, Any]:
    """Point at a record without a constraint: history decides what exists."""
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # look-ups go by id and name; lists are asked of the store
        null=True,
        related_name="+",
    )


class Pipeline(Record):
    """One row is a sales process, an ordered set of stages."""

    name = models.TextField(null=True)
    position = models.BigIntegerField(null=True)


class Stage(Record):
    """One row is a step of a pipeline: open, won or lost, with its forecast category."""

    name = models.TextField(null=True)
    pipeline = _reference("crm.Pipeline")
    position = models.BigIntegerField(null=True)
    meaning = models.TextField(null=True)
    category = models.TextField(null=True)
    probability = models.FloatField(null=True)
    is_qualified = models.BooleanField(null=True)


class Product(Record):
    """One row is a thing that is sold."""

    name = models.TextField(null=True)
    code = models.TextField(null=True)
    family = models.TextField(null=True)
    list_price = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    is_active = models.BooleanField(null=True)


class PriceBook(Record):
    """One row is a list of prices in one currency, in force over a span of days."""

    name = models.TextField(null=True)
    currency = models.TextField(null=True)
    is_standard = models.BooleanField(null=True)
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)


class PriceBookEntry(Record):
    """One row is the price of a product in a price book."""

    price_book = _reference("crm.PriceBook")
    product = _reference("crm.Product")
    unit_price = models.BigIntegerField(null=True)


class Campaign(Record):
    """One row is a marketing action."""

    name = models.TextField(null=True)
    type = models.TextField(null=True)
    status = models.TextField(null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    budget = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    owner = _reference("people.Rep")


class Account(Record):
    """One row is an organisation that buys or may buy."""

    name = models.TextField(null=True)
    owner = _reference("people.Rep")
    parent = _reference("crm.Account")
    industry = models.TextField(null=True)
    segment = models.TextField(null=True)
    headcount = models.BigIntegerField(null=True)
    headcount_band = models.TextField(null=True)
    annual_revenue = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    founded_year = models.BigIntegerField(null=True)
    country = models.TextField(null=True)
    region = models.TextField(null=True)
    city = models.TextField(null=True)
    postcode = models.TextField(null=True)
    street = models.TextField(null=True)
    latitude = models.FloatField(null=True)  # decimal degrees, WGS 84
    longitude = models.FloatField(null=True)
    website = models.TextField(null=True)
    phone = models.TextField(null=True)
    siren = models.TextField(null=True)
    siret = models.TextField(null=True)
    vat_number = models.TextField(null=True)
    naf = models.TextField(null=True)
    nace = models.TextField(null=True)


class Contact(Record):
    """One row is a person at an account."""

    name = models.TextField(null=True)
    first_name = models.TextField(null=True)
    last_name = models.TextField(null=True)
    job_title = models.TextField(null=True)
    account = _reference("crm.Account")
    email = models.TextField(null=True)
    phone = models.TextField(null=True)
    owner = _reference("people.Rep")
    language = models.TextField(null=True)
    country = models.TextField(null=True)


class Lead(Record):
    """One row is a person who may become a contact, not yet qualified."""

    name = models.TextField(null=True)
    company = models.TextField(null=True)
    job_title = models.TextField(null=True)
    email = models.TextField(null=True)
    phone = models.TextField(null=True)
    status = models.TextField(null=True)
    source = models.TextField(null=True)
    owner = _reference("people.Rep")
    country = models.TextField(null=True)
    created_date = models.DateField(null=True)
    converted_date = models.DateField(null=True)
    account = _reference("crm.Account")
    contact = _reference("crm.Contact")
    opportunity = _reference("crm.Opportunity")


class Opportunity(Record):
    """One row is a deal that may be won."""

    name = models.TextField(null=True)
    account = _reference("crm.Account")
    owner = _reference("people.Rep")
    pipeline = _reference("crm.Pipeline")
    stage = _reference("crm.Stage")
    type = models.TextField(null=True)
    amount = models.BigIntegerField(null=True)
    amount_annual = models.BigIntegerField(null=True)
    amount_recurring = models.BigIntegerField(null=True)
    amount_one_time = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    close_date = models.DateField(null=True)
    created_date = models.DateField(null=True)
    first_contact_date = models.DateField(null=True)
    forecast_category = models.TextField(null=True)
    product = _reference("crm.Product")
    contact = _reference("crm.Contact")
    campaign = _reference("crm.Campaign")
    source = models.TextField(null=True)
    competitor = models.TextField(null=True)
    next_step = models.TextField(null=True)
    loss_reason = models.TextField(null=True)
    parent = _reference("crm.Opportunity")
    is_excluded = models.BooleanField(null=True)


class OpportunityLine(Record):
    """One row is a product within an opportunity."""

    opportunity = _reference("crm.Opportunity")
    product = _reference("crm.Product")
    quantity = models.FloatField(null=True)
    unit_price = models.BigIntegerField(null=True)
    amount = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)


class OpportunitySplit(Record):
    """One row is a rep's credited share of an opportunity, in 1/10,000."""

    opportunity = _reference("crm.Opportunity")
    rep = _reference("people.Rep")
    share = models.BigIntegerField(null=True)
    is_overlay = models.BooleanField(null=True)


class OpportunityContact(Record):
    """One row is a person's part in an opportunity."""

    opportunity = _reference("crm.Opportunity")
    contact = _reference("crm.Contact")
    role = models.TextField(null=True)
    is_primary = models.BooleanField(null=True)


class Activity(Record):
    """One row is a call, e-mail, meeting or task."""

    subject = models.TextField(null=True)
    type = models.TextField(null=True)
    owner = _reference("people.Rep")
    account = _reference("crm.Account")
    contact = _reference("crm.Contact")
    opportunity = _reference("crm.Opportunity")
    lead = _reference("crm.Lead")
    starts_at = models.DateTimeField(null=True)
    minutes = models.FloatField(null=True)
    direction = models.TextField(null=True)
    outcome = models.TextField(null=True)
    is_done = models.BooleanField(null=True)
    is_selling = models.BooleanField(null=True)
    notes = models.TextField(null=True)


class CampaignMember(Record):
    """One row is a person reached by a campaign."""

    campaign = _reference("crm.Campaign")
    contact = _reference("crm.Contact")
    lead = _reference("crm.Lead")
    status = models.TextField(null=True)


class Case(Record):
    """One row is a request to customer service."""

    subject = models.TextField(null=True)
    account = _reference("crm.Account")
    contact = _reference("crm.Contact")
    owner = _reference("people.Rep")
    status = models.TextField(null=True)
    priority = models.TextField(null=True)
    category = models.TextField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)


class Quote(Record):
    """One row is an offer of prices for a deal."""

    name = models.TextField(null=True)
    number = models.TextField(null=True)
    opportunity = _reference("crm.Opportunity")
    account = _reference("crm.Account")
    status = models.TextField(null=True)
    is_primary = models.BooleanField(null=True)
    expiry_date = models.DateField(null=True)
    subtotal = models.BigIntegerField(null=True)
    discount = models.FloatField(null=True)
    total = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)


class QuoteLine(Record):
    """One row is a product within a quote."""

    quote = _reference("crm.Quote")
    product = _reference("crm.Product")
    quantity = models.FloatField(null=True)
    unit_price = models.BigIntegerField(null=True)
    discount = models.FloatField(null=True)
    total = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)


class Contract(Record):
    """One row is an agreement with an account over a span of days."""

    number = models.TextField(null=True)
    account = _reference("crm.Account")
    owner = _reference("people.Rep")
    status = models.TextField(null=True)
    start_date = models.DateField(null=True)
    term_months = models.BigIntegerField(null=True)
    end_date = models.DateField(null=True)
    value = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)


class SavedView(models.Model):
    """One row is a list that somebody keeps under a name: its address, own or shared with all."""

    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    owner = models.CharField(max_length=150)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
