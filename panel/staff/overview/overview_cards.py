"""The overview's first steps: what is left of setting up an empty panel."""

from datetime import datetime

from panel.staff import setup_steps
from panel.staff.setup_steps import Course


def first_steps(now: datetime) -> Course | None:
    """The steps to the first order; nothing once there is one."""
    return None if setup_steps.is_over() else setup_steps.course(now)
