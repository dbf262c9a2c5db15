"""How driver and workers talk: messages, frames, the handshake, and a server and a client for them.

Length-prefixed JSON over TCP. Standard library only: workers run where nothing is installed.
"""
