"""`python -m imrllm`: the command line."""

from imrllm.cli import main

main()
