"""Which addresses this server may be sent to call."""

import pytest

from orders import addresses


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::6810:84e5", "64:ff9b::808:808"]
)
def test_the_open_internet_may_be_called(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "172.16.3.1",
        "192.168.1.1",
        "169.254.169.254",  # where clouds keep the machine's own keys
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.7",
        "64:ff9b::a9fe:a9fe",  # 169.254.169.254 behind a gateway
        "2002:7f00:1::",  # 127.0.0.1 in a tunnel
        "not an address",
        "",
    ],
)
def test_this_machine_and_its_network_may_not(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://a.example/x", "whole address"),
        ("a.example/x", "whole address"),
        ("https://", "whole address"),
        ("https://me:secret@a.example/x", "user name"),
        ("https://a.example/x#y", "#"),
        ("https://a.example:port/", "looks like"),
        ("https://[::1/", "looks like"),
    ],
)
def test_what_is_no_address_is_told_so(url: str, word: str) -> None:
    assert word in addresses.why_not_address(url, "https://a.example")


def test_a_good_address_passes() -> None:
    assert addresses.why_not_address("https://a.example:8443/x?y=z", "https://a.example") == ""
