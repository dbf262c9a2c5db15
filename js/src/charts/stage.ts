/** The canvases of a chart, one above the other, each drawn only when it has to be. */

/** `quiet`: what is finished; `live`: axes and what moves; `top`: what follows the pointer. */
export const LAYERS = ['quiet', 'live', 'top'] as const;
export type Layer = (typeof LAYERS)[number];

export interface Canvas {
  readonly context: CanvasRenderingContext2D;
  readonly ratio: number;
}

export class Stage {
  /** In CSS pixels. */
  width = 0;
  height = 0;
  ratio = 1;
  private readonly canvases = new Map<Layer, HTMLCanvasElement>();
  private readonly due = new Set<Layer>();
  private readonly observers: { disconnect(): void }[] = [];
  private seen = true;
  private frame: number | null = null;
  private readonly el: HTMLElement;
  private readonly draw: (layer: Layer, resized: boolean) => void;
  private resized = false;

  /** `draw` is called at most once a frame for each layer that is due, while the chart can be seen. */
  constructor(el: HTMLElement, draw: (layer: Layer, resized: boolean) => void) {
    this.el = el;
    this.draw = draw;
    for (const layer of LAYERS) {
      const canvas = document.createElement('canvas');
      canvas.setAttribute('aria-hidden', 'true');
      el.append(canvas);
      this.canvases.set(layer, canvas);
    }
  }

  /** From here on it draws; the first time at once. */
  start(): void {
    this.observe();
    this.measure();
  }

  /** Draws these layers in the next frame. */
  invalidate(...layers: Layer[]): void {
    for (const layer of layers) this.due.add(layer);
    if (this.seen && this.due.size > 0) this.frame ??= requestAnimationFrame(() => this.render());
  }

  /** The layer's canvas, wiped, with CSS pixels as its units. Null where there is no canvas. */
  wiped(layer: Layer): CanvasRenderingContext2D | null {
    const context = this.raw(layer);
    if (!context) return null;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    return context;
  }

  raw(layer: Layer): CanvasRenderingContext2D | null {
    return this.canvases.get(layer)?.getContext('2d') ?? null;
  }

  dispose(): void {
    for (const observer of this.observers) observer.disconnect();
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    for (const canvas of this.canvases.values()) canvas.remove();
  }

  private observe(): void {
    if (typeof ResizeObserver === 'function') {
      const sizes = new ResizeObserver(() => this.measure());
      sizes.observe(this.el);
      this.observers.push(sizes);
    }
    if (typeof IntersectionObserver === 'function') {
      const sight = new IntersectionObserver(entries => {
        this.seen = entries[entries.length - 1]?.isIntersecting ?? true;
        this.invalidate();
      });
      sight.observe(this.el);
      this.observers.push(sight);
    }
  }

  /** The ratio changes with the zoom and between screens; a zoom always changes a size, too. */
  private measure(): void {
    const [width, height] = [this.el.clientWidth, this.el.clientHeight];
    const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
    if (width === this.width && height === this.height && ratio === this.ratio) return;
    Object.assign(this, { width, height, ratio });
    for (const canvas of this.canvases.values()) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.resized = true;
    // At once: an observer runs before the page is painted, so that nobody sees the wiped canvas.
    for (const layer of LAYERS) this.due.add(layer);
    if (width > 0 && height > 0) this.render();
  }

  private render(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    if (this.width === 0 || this.height === 0) return;
    const { resized } = this;
    this.resized = false;
    const due = LAYERS.filter(layer => this.due.has(layer));
    this.due.clear();
    for (const layer of due) this.draw(layer, resized);
  }
}
