"""The message spec as JSON Schema; data of the package `flowrunner`."""
