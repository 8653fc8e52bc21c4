"""`make chaos`: buys for minutes while everything is killed, then proves what became of it.

`plan` draws orders and trouble from the seed; `cast` are the processes, `upstreams` the pretend
providers, `stage` the people; `presses` place over HTTP with a `browser` while `mischief` strikes
and `staff` decides; `settling` lets it all end; `verdict` (with `money` and `outages`) asks the
panel's `books` and the other `facts` what is wrong; `table` prints it; `story` is the whole of it
in order. See docs/chaos.md.
"""
