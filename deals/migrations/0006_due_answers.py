from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("deals", "0005_referrals")]

    operations = [
        migrations.RemoveIndex("registration", "registration_due"),
        migrations.AddIndex(
            "registration",
            models.Index(
                fields=("due_at", "id"), condition=Q(status__in=("in_review", "appealed")), name="registration_due"
            ),
        ),
    ]
