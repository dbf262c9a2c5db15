/** Learning curves by keyboard: left and right along a curve, up and down to the next one. */

import { CurvesPlot } from '../charts/curvesplot';
import type { Trial } from '../state';
import type { Store } from '../store';

export class CurveKeys {
  private readonly store: Store;
  private readonly plot: CurvesPlot;
  private readonly step: () => number | null;
  private readonly moveTo: (trial: Trial | null, step: number, spoken: boolean) => void;

  constructor(
    store: Store,
    plot: CurvesPlot,
    step: () => number | null,
    moveTo: (trial: Trial | null, step: number, spoken: boolean) => void,
  ) {
    this.store = store;
    this.plot = plot;
    this.step = step;
    this.moveTo = moveTo;
  }

  pressed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const act = this.actions[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private readonly actions: { [key: string]: () => void } = {
    ArrowLeft: () => this.along(-1),
    ArrowRight: () => this.along(1),
    Home: () => this.along(Number.NEGATIVE_INFINITY),
    End: () => this.along(Number.POSITIVE_INFINITY),
    ArrowUp: () => this.across(-1),
    ArrowDown: () => this.across(1),
    Enter: () => this.choose(),
    ' ': () => this.choose(),
    Escape: () => {
      this.moveTo(null, 0, false);
      this.store.escape();
    },
  };

  private current(): Trial | null {
    const { state, ui } = this.store;
    for (const id of [ui.hovered, ui.selected, state.best?.id]) {
      const trial = state.byId.get(id ?? '');
      if (trial && trial.curve.length > 0) return trial;
    }
    return state.trials.find(trial => trial.curve.length > 0) ?? null;
  }

  private along(by: number): void {
    const trial = this.current();
    if (!trial) return;
    const { curve } = trial;
    const step = this.step();
    const at = step === null ? null : CurvesPlot.at(trial, step);
    // The first key shows where one is; the next ones move.
    const index = at ? at.index + by : by === Number.NEGATIVE_INFINITY ? 0 : curve.length - 1;
    this.moveTo(trial, curve.steps[Math.max(0, Math.min(curve.length - 1, index))] as number, true);
  }

  private across(by: 1 | -1): void {
    const trial = this.current();
    if (!trial) return;
    const step = this.step() ?? trial.curve.lastStep ?? 0;
    const here = this.step() === null ? null : this.height(trial, step);
    if (here === null) {
      this.moveTo(trial, step, true);
      return;
    }
    let [next, least] = [trial, Number.POSITIVE_INFINITY];
    for (const other of this.store.state.trials) {
      const height = other === trial || !this.store.passes(other) ? null : this.height(other, step);
      if (height === null) continue;
      // Those at the same height follow each other by number.
      const ahead = (height - here) * by || (other.number - trial.number) * 1e-9;
      if (ahead > 0 && ahead < least) [next, least] = [other, ahead];
    }
    this.moveTo(next, step, true);
  }

  private height(trial: Trial, step: number): number | null {
    const point = CurvesPlot.at(trial, step);
    const y = point && this.plot.py(point.value);
    return y === null || Number.isNaN(y) ? null : y;
  }

  private choose(): void {
    const { hovered, selected } = this.store.ui;
    if (hovered) this.store.select(hovered === selected ? null : hovered);
  }
}
