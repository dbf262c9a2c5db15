/** Where rows lie: all are equally high, save that some have an opened part below them. Pure. */

export const ROW = 26;

export class Offsets {
  readonly count: number;
  /** Opened rows by index, in order, with the height of what is opened. */
  private readonly opened: readonly [number, number][];

  constructor(count = 0, opened: readonly [number, number][] = []) {
    this.count = count;
    this.opened = [...opened].sort((a, b) => a[0] - b[0]);
  }

  get total(): number {
    return this.top(this.count);
  }

  /** The top of row `index`, in pixels. */
  top(index: number): number {
    let y = index * ROW;
    for (const [i, height] of this.opened) if (i < index) y += height;
    return y;
  }

  /** The row at the height, with its opened part; within the rows there are. */
  at(y: number): number {
    let above = 0;
    for (const [i, height] of this.opened) {
      const below = (i + 1) * ROW + above;
      if (y < below) break;
      if (y < below + height) return i;
      above += height;
    }
    return Math.max(0, Math.min(this.count - 1, Math.floor((y - above) / ROW)));
  }
}
