"""The experiment as a pure state machine: no clock, thread, socket, file or random number.

Inputs say what happened outside; the machine answers with events (numbered facts, the one description
of what happened) and commands (what the outside must do). State changes only by applying events.
"""
