"""The bqplot figures of `maggy_widgets.figures`, one module each.

A plot is built empty in the caller's thread. From then on only the Writer's thread calls `update` and
changes its marks.
"""
