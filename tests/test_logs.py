"""What a request leaves in the log."""

import pytest
import structlog
from django.test import RequestFactory

from prm.logs import RequestLog, request_number, without_secrets


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("/portal/deals/?q=contoso", "GET /portal/deals/"),
        ("/accounts/password/reset/key/1f-c7tzqk-0b1d8e5f9a2b3c4d5e6f/", "GET /accounts/password/reset/key/…/"),
        ("/join/Zk3vQ-8yR_s1tUvWxYz0AbCdEf/", "GET /join/…/"),
        ("/portal/deals/D-7F3K2/", "GET /portal/deals/D-7F3K2/"),
        (
            "/api/v1/partners/ptr_018f0000000070008000000000000001",
            "GET /api/v1/partners/ptr_018f0000000070008000000000000001",
        ),
    ],
)
def test_a_line_names_the_page_but_no_query_and_no_one_time_code(address, line):
    assert RequestLog.format_request(RequestFactory().get(address)) == line


def test_the_number_people_are_shown_is_the_one_in_the_log():
    structlog.contextvars.bind_contextvars(request_id="018f0000-0000-7000-8000-00000000000a")
    assert request_number() == "018f000000007000800000000000000a"
    assert structlog.contextvars.get_contextvars()["request_id"] == request_number()
    structlog.contextvars.clear_contextvars()


def test_values_with_secret_names_are_not_logged():
    event = {"event": "x", "password": "p", "api_key": "k", "deal": "D-1", "code": 200}
    blotted = {"event": "x", "password": "…", "api_key": "…", "deal": "D-1", "code": 200}
    assert without_secrets(None, "info", event) == blotted


def test_a_message_with_a_one_time_path_is_blotted():
    event = {"event": "Service Unavailable: /join/Zk3vQ-8yR_s1tUvWxYz0AbCdEf/"}
    assert without_secrets(None, "error", event) == {"event": "Service Unavailable: /join/…/"}
