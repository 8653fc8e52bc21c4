"""A provider that answers anything at all, over real HTTP, to every job that speaks to one.

`house` is what stands before an answer and the jobs; `judging` is what must hold after it;
`garbage` makes answers. Recordings, generated garbage, foreign ids and trouble on the wire have a
test module each.
"""
