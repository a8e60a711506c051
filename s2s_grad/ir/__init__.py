"""What a program is: nodes and types, and the tools to build, walk, check, run and show one."""
