from django.core.management.commands import migrate


class Command(migrate.Command):
    """Migrations run as the owner of the tables, whose rights the program itself does not have."""

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
