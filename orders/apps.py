from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The engine: every table, every rule, every upstream call."""

    name = "orders"
    verbose_name = "Halfpenny engine"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from orders import checks, first_run, sql  # noqa: F401  (checks register themselves)
        from orders.reports import marks

        post_migrate.connect(sql.after_migrate, sender=self, dispatch_uid="orders.after_migrate")
        pre_migrate.connect(marks.lift, sender=self, dispatch_uid="orders.lift_report_marks")
        post_migrate.connect(marks.install, sender=self, dispatch_uid="orders.report_marks")
        post_migrate.connect(first_run.announce, sender=self, dispatch_uid="orders.first_run")
