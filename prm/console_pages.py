"""The console's own pages, from every app that has some."""

from django.urls import path

from crm.console import console_patterns as imports
from deals.admin import console_patterns as deals
from earnings.console import console_patterns as earnings
from earnings.console_disputes import dispute_patterns as disputes
from earnings.console_partner import partner_patterns as partner_earnings
from earnings.console_revenue import revenue_patterns as revenue
from mdf.admin import console_patterns as funds
from partners.console import console_patterns as partners
from partners.console_care import console_patterns as care
from partners.console_keys import console_patterns as keys
from partners.console_leaving import console_patterns as leaving
from partners.console_lifecycle import console_patterns as life
from partners.console_merging import console_patterns as merging
from partners.console_people import console_patterns as people
from partners.console_regions import console_patterns as regions
from partners.console_staff import console_patterns as staff
from partners.console_together import console_patterns as together
from prm.pages.deliveries import Deliveries
from prm.pages.mail import LetterPage, Mail
from prm.pages.partners import PartnerNew, Partners
from prm.pages.promise import ConsolePromises
from prm.pages.queue import Queue
from prm.pages.watch import patterns as watch
from tiers.admin import console_patterns as tiers
from tiers.version_console import program_patterns as programs

index = Queue.as_view()
_OWN = [
    path("partners/partner/", Partners.as_view(), name="partners_partner_changelist"),
    path("partners/partner/new/", PartnerNew.as_view(), name="partner_new"),
    path("deliveries/", Deliveries.as_view(), name="deliveries"),
    path("promise/", ConsolePromises.as_view(), name="promise"),
    path("mail/", Mail.as_view(), name="mail"),
    path("mail/<str:name>/", LetterPage.as_view(), name="mail_letter"),
]


def patterns() -> list:
    return [
        *deals,
        *earnings,
        *disputes,
        *partner_earnings,
        *revenue,
        *funds,
        *tiers,
        *life,
        *programs,
        *watch,
        *together,
        *care,
        *people,
        *regions,
        *merging,
        *leaving,
        *partners,
        *staff,
        *keys,
        *imports,
        *_OWN,
    ]
