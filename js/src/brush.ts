/**
 * A rectangle to select trials with on a bqplot figure. bqplot's own brush (0.12.47 to 0.13.1 at least) draws
 * a rectangle and selects nothing: it looks for d3's event in another copy of d3 than the one that has it.
 */

export type Point = readonly [x: number, y: number];
/** Whether a place on the plot, in pixels, is selected. */
export type Inside = (place: Point) => boolean;

/** What we need of bqplot's view of a figure, and of its views of marks. */
export interface FigureView {
  plotareaWidth: number;
  plotareaHeight: number;
  mark_views: { views: Promise<MarkView>[] };
}

export interface MarkView {
  model: object;
  /** Selects the points inside; none at all where nothing is given. */
  selector_changed(inside?: Inside): void;
}

/** Whoever moves the mouse by less clicks, and that clears the selection. In pixels. */
const LEAST = 3;
const SVG = 'http://www.w3.org/2000/svg';

export class Brush {
  private readonly ground = rectangle({ fill: 'none', 'pointer-events': 'all' });
  private readonly frame = rectangle({ 'fill-opacity': '0.15', 'pointer-events': 'none' });
  private start: Point | undefined;

  private readonly select: (inside?: Inside) => void;

  /** `select` is told what is inside now; nothing where the selection is cleared. */
  constructor(el: Element, colour: string, select: (inside?: Inside) => void) {
    this.select = select;
    this.ground.style.cursor = 'crosshair';
    for (const name of ['fill', 'stroke']) this.frame.setAttribute(name, colour);
    el.append(this.ground, this.frame);
    this.ground.addEventListener('pointerdown', event => this.down(event));
    this.ground.addEventListener('pointermove', event => this.move(event));
    this.ground.addEventListener('pointerup', event => this.up(event));
    this.ground.addEventListener('pointercancel', event => this.up(event));
  }

  /** Covers a plot of this size. Where its marks have moved, the frame would stand at another place. */
  resize(width: number, height: number): void {
    place(this.ground, [0, 0], [width, height]);
    this.hide();
  }

  /** Takes the frame away, and keeps the selection. */
  hide(): void {
    place(this.frame, [0, 0], [0, 0]);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.ground.setPointerCapture(event.pointerId);
    this.start = this.at(event);
  }

  private move(event: PointerEvent): void {
    if (!this.start) return;
    const [from, to] = sorted(this.start, this.at(event));
    place(this.frame, from, to);
    this.select(([x, y]) => from[0] <= x && x <= to[0] && from[1] <= y && y <= to[1]);
  }

  private up(event: PointerEvent): void {
    const { start } = this;
    this.start = undefined;
    if (!start) return;
    const [x, y] = this.at(event);
    if (Math.abs(x - start[0]) >= LEAST || Math.abs(y - start[1]) >= LEAST) return;
    this.hide();
    this.select();
  }

  /** Where the pointer is on the plot. */
  private at(event: PointerEvent): Point {
    const box = this.ground.getBoundingClientRect();
    const size = (name: string) => Number(this.ground.getAttribute(name));
    const within = (place: number, length: number) => Math.min(Math.max(place, 0), length);
    return [within(event.clientX - box.left, size('width')), within(event.clientY - box.top, size('height'))];
  }
}

/** The views of these marks' models. */
export async function viewsOf(figure: FigureView, marks: readonly object[]): Promise<MarkView[]> {
  const views = await Promise.all(figure.mark_views.views);
  return views.filter(view => marks.includes(view.model));
}

function rectangle(attributes: Record<string, string>): SVGRectElement {
  const element = document.createElementNS(SVG, 'rect');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function place(element: Element, from: Point, to: Point): void {
  const [width, height] = [to[0] - from[0], to[1] - from[1]];
  for (const [name, value] of Object.entries({ x: from[0], y: from[1], width, height }))
    element.setAttribute(name, String(value));
}

/** The corner nearest to the origin, and the one opposite. */
function sorted(a: Point, b: Point): [Point, Point] {
  const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const [top, bottom] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  return [
    [left, top],
    [right, bottom],
  ];
}
