/** A drag along an axis, from its start to its end. */

import { extents } from '../charts/axis';
import { brushBetween, dragged, type Grip, gripAt } from '../charts/brush';
import { within } from '../charts/labels';
import type { ParallelPlot } from '../charts/parallelplot';
import type { Store } from '../store';

/** Pixels beside an axis that belong to it, near an end of a brush, and before a press is a drag. */
const [BESIDE, NEAR, SLACK] = [11, 6, 4];
const CURSORS: { [grip in Grip]: string } = {
  new: 'crosshair',
  low: 'ns-resize',
  high: 'ns-resize',
  body: 'grab',
};

interface Drag {
  axis: number | null;
  grip: Grip;
  from: number;
  startY: number;
  old: { low: number; high: number } | undefined;
  moved: boolean;
}

export class BrushDrag {
  private readonly store: Store;
  private readonly plot: ParallelPlot;
  private drag: Drag | null = null;

  constructor(store: Store, plot: ParallelPlot) {
    this.store = store;
    this.plot = plot;
  }

  get active(): boolean {
    return this.drag?.axis != null && this.drag.moved;
  }

  begin(x: number, y: number): boolean {
    const index = this.axisAt(x, y);
    const at = this.plot.at(y);
    const axis = index === null ? undefined : this.plot.axes[index];
    const brush = axis && this.store.ui.brushes.get(axis.key);
    const old = axis && brush ? extents(axis, brush)[0] : undefined;
    const grip = axis ? gripAt(axis, brush, at, this.near()) : 'new';
    this.drag = { axis: index, grip, from: at, startY: y, old, moved: false };
    return true;
  }

  /** Whether the pointer is brushing. */
  move(y: number): boolean {
    const { drag } = this;
    const axis = drag?.axis == null ? undefined : this.plot.axes[drag.axis];
    if (!drag || !axis) return false;
    if (Math.abs(y - drag.startY) >= SLACK) drag.moved = true;
    if (!drag.moved) return true;
    const to = within(this.plot.at(y), -0.01, 1.01);
    const brush = brushBetween(axis, dragged(drag.grip, drag.old, drag.from, to));
    if (brush) this.store.brush(axis.key, brush);
    return true;
  }

  /** What it was: a brushing, a click that cleared a brush, or a click on something else. */
  end(): 'brush' | 'clear' | 'click' {
    const { drag } = this;
    this.drag = null;
    const axis = drag?.axis == null ? undefined : this.plot.axes[drag.axis];
    if (!drag || !axis) return 'click';
    if (drag.moved) return 'brush';
    if (!this.store.ui.brushes.has(axis.key)) return 'click';
    this.store.brush(axis.key, null);
    return 'clear';
  }

  cancel(): void {
    this.drag = null;
  }

  cursorAt(x: number, y: number): string | null {
    const index = this.axisAt(x, y);
    const axis = index === null ? undefined : this.plot.axes[index];
    if (!axis) return null;
    return CURSORS[gripAt(axis, this.store.ui.brushes.get(axis.key), this.plot.at(y), this.near())];
  }

  private near(): number {
    return NEAR / (this.plot.box.bottom - this.plot.box.top);
  }

  private axisAt(x: number, y: number): number | null {
    const { top, bottom, left } = this.plot.box;
    const index = Math.round((x - left) / this.plot.gap);
    if (index < 0 || index >= this.plot.axes.length || y < top - 10 || y > bottom + 12) return null;
    return Math.abs(x - this.plot.axisX(index)) <= BESIDE ? index : null;
  }
}
