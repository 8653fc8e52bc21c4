"""The only code that speaks to a provider. Knows no model, no retry and no money rule.

    from orders.upstream.account import Account
    from orders.upstream.client import Client

    with Client(Account(url, key)) as client:
        added = client.add({"service": "1", "link": link, "quantity": "100"}, send_before=moment)

`docs/protocol.md` tells what is sent, what is understood and which outcome each answer has. The
simulator below shares nothing with it, so nothing is imported here.
"""
