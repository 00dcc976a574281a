from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0005_reveal_needs_approval'),
        ('credentials', '0006_vouch_for_what_is_there'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditevent',
            name='chain',
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='sequence',
            field=models.PositiveBigIntegerField(editable=False),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='mac',
            field=models.CharField(editable=False, max_length=80),
        ),
    ]
