"""``flowrunner schema``."""

import click

from flowrunner.cli.console import DONE


@click.command(help="Print the JSON Schema of flow files, for editors; or of one message, for any validator.")
@click.option("--message", "of_message", is_flag=True, help="The schema of one rendered message.")
def schema(of_message: bool) -> int:
    """Print the schema file, byte for byte."""
    from flowrunner.spec import schema_text

    click.echo(schema_text("message" if of_message else "flow").encode(), nl=False)
    return DONE
