"""One of several processes that sweep the parts of one provider's orders (`side_by_side`).

`python -m tests.benchmarks.sweeper NUMBER OF`. It sweeps its part once for each line of its input.
"""

import os
import sys
import time

import django

from tests.benchmarks.side_by_side import say

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def main(number: int, of: int) -> None:
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from config import garbage
    from orders import polling
    from orders.models import Provider
    from orders.polling.shards import Shard

    (provider,) = Provider.objects.values_list("pk", flat=True)
    connection.ensure_connection()
    garbage.settle()  # as a worker's process does
    say(ready=True)
    for _ in sys.stdin:
        spent = time.process_time()
        done = polling.sweep(
            provider,
            now=timezone.now(),
            budget_seconds=3600,
            every_tier=True,
            shard=Shard(number, of),
        )
        cpu = time.process_time() - spent
        say(state=done.state, asked=done.asked, changed=done.changed, cpu=cpu)


if __name__ == "__main__":
    number, of = map(int, sys.argv[1:])
    main(number, of)
