from django.db import migrations

LINKS = ("certificates", "devices")


def drop_the_index_of_profiles(apps, schema_editor):
    """The unique index begins with the profile and serves as well; a large team has a hundred thousand links, and each
    index costs as much to write as the row."""
    connection = schema_editor.connection
    for name in LINKS:
        table = apps.get_model("appstore", "Profile")._meta.get_field(name).remote_field.through._meta.db_table
        with connection.cursor() as cursor:
            constraints = connection.introspection.get_constraints(cursor, table)
        for index, facts in constraints.items():
            if facts["index"] and facts["columns"] == ["profile_id"] and not facts["unique"]:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(index)}")


class Migration(migrations.Migration):

    dependencies = [("appstore", "0002_sync_at_the_limit")]

    operations = [migrations.RunPython(drop_the_index_of_profiles, migrations.RunPython.noop)]
