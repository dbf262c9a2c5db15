/** Parallel axes by keyboard: left and right along a line, up and down to the next one on the axis. */

import type { ParallelPlot } from '../charts/parallelplot';
import type { Trial } from '../state';
import type { Store } from '../store';

export class ParallelKeys {
  private readonly store: Store;
  private readonly plot: ParallelPlot;
  private readonly moveTo: (trial: Trial | null, axis: number) => void;
  private axis = -1;

  constructor(store: Store, plot: ParallelPlot, moveTo: (trial: Trial | null, axis: number) => void) {
    this.store = store;
    this.plot = plot;
    this.moveTo = moveTo;
  }

  pressed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { hovered, selected } = this.store.ui;
    if (event.key === 'ArrowLeft') this.along(-1);
    else if (event.key === 'ArrowRight') this.along(1);
    else if (event.key === 'ArrowUp') this.across(-1);
    else if (event.key === 'ArrowDown') this.across(1);
    else if (event.key === 'Enter' || event.key === ' ')
      this.store.select(hovered === selected ? null : hovered);
    else if (event.key === 'Escape') this.clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private clear(): void {
    this.moveTo(null, 0);
    this.store.escape();
  }

  private current(): Trial | null {
    const { state, ui } = this.store;
    for (const id of [ui.hovered, ui.selected, state.best?.id]) {
      const trial = state.byId.get(id ?? '');
      if (trial && trial.start !== null) return trial;
    }
    return state.trials.find(trial => trial.start !== null) ?? null;
  }

  private along(by: number): void {
    const trial = this.current();
    if (!trial) return;
    const last = this.plot.heightsOf(trial).length - 1;
    this.axis = this.axis < 0 ? last : Math.max(0, Math.min(last, this.axis + by));
    this.moveTo(trial, this.axis);
  }

  private across(by: 1 | -1): void {
    const trial = this.current();
    if (!trial) return;
    const heights = this.plot.heightsOf(trial);
    if (this.axis < 0 || this.axis >= heights.length) this.axis = heights.length - 1;
    const here = heights[this.axis] as number;
    let [next, least] = [trial, Number.POSITIVE_INFINITY];
    for (const other of this.store.state.trials) {
      if (other === trial || other.start === null || !this.store.passes(other)) continue;
      const height = this.plot.heightsOf(other)[this.axis] ?? Number.NaN;
      const ahead = (height - here) * by || (other.number - trial.number) * 1e-9;
      if (ahead > 0 && ahead < least) [next, least] = [other, ahead];
    }
    this.moveTo(next, this.axis);
  }
}
