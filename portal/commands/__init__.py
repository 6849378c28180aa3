"""The parts of the `kb` command, one module each; `portal.command` imports the one that is named."""
