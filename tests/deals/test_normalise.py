from pathlib import Path

import idna
import pytest

from deals.normalise import domain_key, freemail_domains, is_freemail, normal_name, registrable_domain

PSL_TESTS = Path(__file__).parents[3] / "shared" / "data" / "domains" / "psl_tests.txt"


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("https://www.Acme.co.uk:8080/path?x#y", "acme.co.uk"),
        ("ada@acme.example", "acme.example"),
        ("mailto:ada@acme.com", "acme.com"),
        ("acme.example.", "acme.example"),
        ("http://user:pw@shop.acme.com", "acme.com"),
        ("www.acme.com\\@evil.com", "acme.com"),
        ("MÜNCHEN.de", "xn--mnchen-3ya.de"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("ｗｗｗ．ａｃｍｅ．ｃｏｍ", "acme.com"),
        ("acme.myshopify.com", "acme.myshopify.com"),
        ("192.168.1.1", ""),
        ("http://[::1]:8000/", ""),
        ("localhost", ""),
        ("co.uk", ""),
        ("foo..com", ""),
        ("-acme-.com", ""),
        ("a" * 300 + ".com", ""),
        ("", ""),
    ],
)
def test_a_written_address_has_one_registrable_domain(written, domain):
    assert registrable_domain(written) == domain


def test_the_public_suffix_cases_all_hold():
    if not PSL_TESTS.exists():
        pytest.skip(f"LOUD: {PSL_TESTS} is absent, the public suffix cases did not run")
    wrong = []
    for line in PSL_TESTS.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("//"):
            written, wanted = ("" if word == "null" else word for word in line.split())
            wanted = wanted if wanted.isascii() else idna.encode(wanted, uts46=True).decode()
            if registrable_domain(written) != wanted:
                wrong.append(line)
    assert wrong == []


def test_a_free_mail_domain_is_a_domain_but_no_key():
    assert registrable_domain("ada@gmail.com") == "gmail.com"
    assert is_freemail("gmail.com")
    assert domain_key("ada@gmail.com") == ""
    assert domain_key("ada@acme.com") == "acme.com"


def test_the_free_mail_list_holds_registrable_domains_alone():
    assert [d for d in freemail_domains() if registrable_domain(d) != d and d.count(".") == 1] == []


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Acme, Inc.", "acme"),
        ("The Acme Co., Ltd.", "acme"),
        ("ACME S.p.A.", "acme"),
        ("Acme B.V.", "acme"),
        ("Acme Ltda", "acme"),
        ("X S.A. de C.V.", "x"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Straße & Söhne AG", "strasse and sohne"),
        ("STRASSE UND SÖHNE", "strasse und sohne"),
        ("Gekko & Co", "gekko"),
        ("Gekko and Company", "gekko"),
        ("A.P. Møller - Mærsk A/S", "ap moller maersk"),
        ("L'Oréal S.A.", "loreal"),
        ("Foo Sp. z o.o. sp. k.", "foo"),
        ("ÅÄÖ Oy", "aao"),
        ("Örnberg AB", "ornberg"),
        ("ООО «Ромашка»", "ромашка"),
        ("株式会社トヨタ", "トヨタ"),
        ("(株)日立", "日立"),
        ("有田株式会社", "有田"),
        ("삼성전자 주식회사", "삼성전자"),
        ("华为技术有限公司", "华为技术"),
        ("PT Telkom Indonesia Tbk", "telkom indonesia"),
        ("Ｆｕｌｌ Ｗｉｄｔｈ Ｌｔｄ", "full width"),
        ("AT&T", "at and t"),
        ("AT and T", "at and t"),
    ],
)
def test_spellings_of_one_company_have_one_normal_name(written, normal):
    assert normal_name(written) == normal


@pytest.mark.parametrize("written", ["Inc", "The", "Company", "AS Roma", "PC World", "CoOp", "Sea Asia", "Ag Leader"])
def test_a_name_is_never_eaten_up(written):
    assert normal_name(written) == written.lower()


def test_a_name_of_punctuation_alone_has_no_normal_name():
    assert normal_name(" !!! ") == ""


def test_a_very_long_name_fits_the_column():
    assert len(normal_name("ﷺ" * 5000)) <= 200
