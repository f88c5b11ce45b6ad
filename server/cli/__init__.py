"""The command line: reads people's files, calls the use cases in this process, and writes for people or machines."""
