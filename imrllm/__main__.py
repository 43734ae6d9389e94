"""`python -m imrllm`: the command line."""

from imrllm.cli import main

# The processes of a run import this module too.
if __name__ == "__main__":
    main()
