// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { Brush, type Inside, viewsOf } from '../src/brush';

let selected: (Inside | undefined)[];
let ground: SVGRectElement;
let frame: SVGRectElement;
let brush: Brush;

beforeEach(() => {
  selected = [];
  const el = document.createElementNS('http://www.w3.org/2000/svg', 'g');
  brush = new Brush(el, '#808080', inside => selected.push(inside));
  [ground, frame] = [...el.querySelectorAll('rect')] as [SVGRectElement, SVGRectElement];
  ground.setPointerCapture = () => undefined;
  ground.getBoundingClientRect = () => new DOMRect(1000, 500, 200, 100);
  brush.resize(200, 100);
});

/** Sends a pointer's event at a place on the plot. */
function pointer(type: string, x: number, y: number, button = 0): void {
  const event = new MouseEvent(type, { clientX: 1000 + x, clientY: 500 + y, button });
  ground.dispatchEvent(Object.assign(event, { pointerId: 1 }));
}

function drag(from: [number, number], to: [number, number]): void {
  pointer('pointerdown', ...from);
  pointer('pointermove', ...to);
  pointer('pointerup', ...to);
}

function framed(): number[] {
  return ['x', 'y', 'width', 'height'].map(name => Number(frame.getAttribute(name)));
}

describe('the brush on a figure', () => {
  it('selects what is inside, whichever corner comes first', () => {
    for (const [from, to] of [
      [
        [10, 20],
        [60, 80],
      ],
      [
        [60, 80],
        [10, 20],
      ],
      [
        [60, 20],
        [10, 80],
      ],
    ] as const) {
      drag([...from], [...to]);
      const inside = selected.at(-1);
      expect([inside?.([10, 20]), inside?.([60, 80]), inside?.([35, 50])]).toEqual([true, true, true]);
      expect([inside?.([9, 50]), inside?.([61, 50]), inside?.([35, 19]), inside?.([35, 81])]).not.toContain(
        true,
      );
      expect(framed()).toEqual([10, 20, 50, 60]);
    }
  });

  it('ends at the edges of the plot', () => {
    drag([150, 50], [900, -40]);
    expect(framed()).toEqual([150, 0, 50, 50]);
  });

  it('follows the pointer while it is down, and only then', () => {
    pointer('pointermove', 50, 50);
    expect(selected).toEqual([]);
    pointer('pointerdown', 0, 0);
    pointer('pointermove', 10, 10);
    pointer('pointermove', 20, 20);
    pointer('pointerup', 20, 20);
    pointer('pointermove', 90, 90);
    expect(selected).toHaveLength(2);
    expect(framed()).toEqual([0, 0, 20, 20]);
  });

  it('clears the selection at a click', () => {
    drag([10, 10], [60, 60]);
    drag([20, 20], [21, 20]);
    expect(selected.at(-1)).toBeUndefined();
    expect(framed()).toEqual([0, 0, 0, 0]);
  });

  it('leaves other buttons to others', () => {
    pointer('pointerdown', 10, 10, 2);
    pointer('pointermove', 60, 60);
    expect(selected).toEqual([]);
  });

  it('keeps the selection when the figure changes its size, and takes the frame away', () => {
    drag([10, 10], [60, 60]);
    brush.resize(400, 300);
    expect(selected).toHaveLength(1);
    expect(framed()).toEqual([0, 0, 0, 0]);
    expect(ground.getAttribute('width')).toBe('400');
  });

  it('finds the views of its marks', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map(name => ({ model: { name }, selector_changed: () => undefined }));
    const figure = {
      plotareaWidth: 1,
      plotareaHeight: 1,
      mark_views: { views: [a, b, c].map(view => Promise.resolve(view as NonNullable<typeof view>)) },
    };
    expect(await viewsOf(figure, [c?.model ?? {}, a?.model ?? {}])).toEqual([a, c]);
  });
});
