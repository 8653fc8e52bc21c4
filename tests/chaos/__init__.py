"""`make chaos`: buys for minutes while everything is killed, then proves what became of it.

`plan` (with `payments` and `trades`) draws orders, money and trouble from the seed; `database` and
`cast` are the processes, `upstreams` the pretend providers, `gateway` the one that takes payments,
`stage` the people. The `crowd`: `presses` place over HTTP with a `browser`, `programs` over the
API, of which `readings` keep what it tells; `parcels` hold many orders at once; `payers` pay in,
a `courier` brings the news of it and `approvals` add it; `counter` moves money, a `merchant`
changes prices and `aftercare` asks for refills and stops. `mischief` (with `ambush`) strikes,
`staff` (with `followups`) decides, `settling` lets it all end. `verdict` (with `taken`,
`answers`, `parcel_lines`, `prices`, `credits`, `afterwards`, `money`, `outages` and `tills`) asks
the panel's `books` and the other `facts` what is wrong; `table` prints it; `story` is the whole
of it in order. See docs/chaos.md.
"""
