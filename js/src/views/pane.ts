/** The metric's axis, which stays in sight while the others scroll: a copy of the right end of the chart. */

import { LAYERS, type Stage } from '../charts/stage';
import { h } from './dom';

export class Pane {
  readonly element = h('div', 'maggy-pane', { hidden: true });
  /** Where the copied part begins, in pixels of the chart. */
  from = 0;
  private readonly canvas = h('canvas', '', { 'aria-hidden': 'true' });
  private readonly plot: HTMLElement;

  constructor(plot: HTMLElement) {
    this.plot = plot;
    this.element.append(this.canvas);
    plot.append(this.element);
  }

  get shown(): boolean {
    return !this.element.hidden;
  }

  /** By how many pixels it stands left of what it shows. */
  get shift(): number {
    return this.plot.getBoundingClientRect().right - this.element.getBoundingClientRect().right;
  }

  /** Takes its place, where the chart is wider than what is seen of it. */
  layOut(from: number, { width, height, ratio }: Stage): void {
    this.from = Math.floor(from);
    this.element.hidden = width <= (this.plot.parentElement?.clientWidth ?? width) + 1;
    this.element.style.width = `${width - this.from}px`;
    this.canvas.width = Math.round((width - this.from) * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  copy(stage: Stage): void {
    const context = this.shown ? this.canvas.getContext('2d') : null;
    if (!context) return;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const layer of LAYERS) {
      const canvas = stage.raw(layer)?.canvas;
      if (canvas) context.drawImage(canvas, -Math.round(this.from * stage.ratio), 0);
    }
  }

  dispose(): void {
    this.element.remove();
  }
}
