"""Moving in from another panel: its services, its clients, its order numbers.

A file is read (`read_…`), looked at (`look_at`) and carried out, line by line, by whoever comes by:
a worker, `run_once` or the command. Rows with which something is wrong stay out and are named. A
row comes in once.
"""

from orders.moving_in.carrying import Done, finish, go_on
from orders.moving_in.customer_rows import CustomerRows, read_customers
from orders.moving_in.files import FILES, look_at
from orders.moving_in.keeping import forget_files, keep, preview, start, stop
from orders.moving_in.numbering import (
    check_next_order_number,
    next_order_number,
    set_next_order_number,
)
from orders.moving_in.plans import STAYED_OUT, Remark, Report
from orders.moving_in.results import carry_out, remarked, report_of
from orders.moving_in.service_rows import ServiceRows, read_services
from orders.moving_in.tables import MOST_BYTES, MOST_ROWS

__all__ = [
    "FILES",
    "MOST_BYTES",
    "MOST_ROWS",
    "STAYED_OUT",
    "CustomerRows",
    "Done",
    "Remark",
    "Report",
    "ServiceRows",
    "carry_out",
    "check_next_order_number",
    "finish",
    "forget_files",
    "go_on",
    "keep",
    "look_at",
    "next_order_number",
    "preview",
    "read_customers",
    "read_services",
    "remarked",
    "report_of",
    "set_next_order_number",
    "start",
    "stop",
]
