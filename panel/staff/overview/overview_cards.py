"""The overview's first steps: what is left of setting up an empty panel."""

from datetime import datetime

from panel.staff import setup_steps
from panel.staff.setup_steps import Step


def first_steps(now: datetime) -> list[Step]:
    """The steps to the first order; nothing once there is one."""
    return [] if setup_steps.is_over() else setup_steps.course(now).steps
