"""``flowrunner schema``."""

import json
from pathlib import Path

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, complain
from flowrunner.cli.options import PATH


@click.command(
    help="Print the JSON Schema of flow files, for editors; of translations, those of FLOW alone if one is named; of"
    " test files; of flowrunner.toml; or of one message, for any validator."
)
@click.argument("flow", required=False, type=PATH, metavar="[FLOW]")
@click.option("--translation", "of_translation", is_flag=True, help="The schema of a translation.")
@click.option("--test", "of_test", is_flag=True, help="The schema of a test file.")
@click.option("--message", "of_message", is_flag=True, help="The schema of one rendered message.")
@click.option("--config", "of_config", is_flag=True, help="The schema of flowrunner.toml.")
def schema(flow: Path | None, of_translation: bool, of_test: bool, of_message: bool, of_config: bool) -> int:
    """Print the schema file, byte for byte; or that of one flow's translations."""
    from flowrunner.spec import schema_text

    asked = {"translation": of_translation, "test": of_test, "message": of_message, "config": of_config}
    if sum(asked.values()) > 1:
        raise click.UsageError("Give one of --translation, --test, --message and --config.")
    if flow is not None:
        if not of_translation:
            raise click.UsageError("FLOW is for --translation.")
        return _of_flow(flow)
    name = next((name for name, is_asked in asked.items() if is_asked), "flow")
    click.echo(schema_text(name).encode(), nl=False)  # type: ignore[arg-type]  # it is one of them
    return DONE


def _of_flow(flow: Path) -> int:
    from flowrunner.flow.translations.schema import translation_schema

    found, problems = translation_schema(flow)
    complain(problems)
    if found is None:
        return WRONG_INPUT
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    return DONE
