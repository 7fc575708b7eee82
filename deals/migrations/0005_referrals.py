from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("deals", "0004_matching")]

    operations = [
        migrations.RemoveConstraint("registration", "registration_submitted_whole"),
        migrations.AddConstraint(
            "registration",
            models.CheckConstraint(
                name="registration_submitted_whole",
                condition=Q(status__in=("draft", "withdrawn"))
                | Q(submitted_at__isnull=False) & (Q(amount__isnull=False) | Q(motion="refer")) & ~Q(account_name=""),
            ),
        ),
    ]
