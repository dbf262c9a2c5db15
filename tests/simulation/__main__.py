"""`python -m tests.simulation`: 1,000 trials on 32 workers, and what they came to."""

from __future__ import annotations

import time

from .simulator import Simulation

simulation = Simulation()
began = time.perf_counter()
found = simulation.run()
took = time.perf_counter() - began
print(f"trials        {len(found.trials)}")
print(f"workers       {simulation.workers}")
print(f"virtual time  {found.seconds:.0f} s")
print(f"slot use      {found.slot_use:.2%}")
print(f"epochs        {found.epochs}")
print(f"stopped       {found.stopped}")
print(f"best          {found.best.final_metric:.4f} of trial {found.best.number}")
print(f"real time     {took:.2f} s ({took / len(found.records) * 1e6:.0f} us per event)")
