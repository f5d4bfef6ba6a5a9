"""``flowrunner schema``."""

import click

from flowrunner.cli.console import DONE


@click.command(
    help="Print the JSON Schema of flow files, for editors; of flowrunner.toml; or of one message, for any validator."
)
@click.option("--message", "of_message", is_flag=True, help="The schema of one rendered message.")
@click.option("--config", "of_config", is_flag=True, help="The schema of flowrunner.toml.")
def schema(of_message: bool, of_config: bool) -> int:
    """Print the schema file, byte for byte."""
    from flowrunner.spec import schema_text

    if of_message and of_config:
        raise click.UsageError("Give --message or --config, not both.")
    click.echo(schema_text("message" if of_message else "config" if of_config else "flow").encode(), nl=False)
    return DONE
