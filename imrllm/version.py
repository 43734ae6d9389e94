"""The installed version of the package, which rows, manifests and reports state."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("imrllm")
except PackageNotFoundError:
    __version__ = "0+unknown"
