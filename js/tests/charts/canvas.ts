/** A canvas for tests, which draws nothing and remembers the texts; and elements that have a size. */

import { vi } from 'vitest';

interface Written {
  text: string;
  left: number;
  right: number;
  y: number;
  colour: unknown;
}

/** Installs it; elements that are not on the page have no size. `texts` holds what stands on each canvas since it was last wiped, `written` also where. */
export function fakeCanvas(width = 500, height = 300) {
  const written = new Map<HTMLCanvasElement, Written[]>();
  const plain = {
    measureText: (text: string) => ({ width: 6 * text.length }),
    createImageData: (w: number, h: number) => ({ data: new Uint8ClampedArray(4 * w * h) }),
  };
  const contextOf = (canvas: HTMLCanvasElement) =>
    new Proxy({ canvas, ...plain } as { [key: string]: unknown }, {
      get(target, key: string) {
        if (key === 'clearRect') return () => written.set(canvas, []);
        if (key === 'fillText')
          return (text: string, x: number, y: number) => {
            const wide = plain.measureText(text).width;
            const left = x - wide * ({ right: 1, center: 0.5 }[String(target.textAlign)] ?? 0);
            written.get(canvas)?.push({ text, left, right: left + wide, y, colour: target.fillStyle });
          };
        return key in target ? target[key] : () => undefined;
      },
    });
  const contexts = new Map<HTMLCanvasElement, unknown>();
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockImplementation(function (this: HTMLCanvasElement) {
    if (!contexts.has(this)) contexts.set(this, contextOf(this));
    return contexts.get(this) as never;
  });
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockImplementation(sized(width));
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockImplementation(sized(height));
  const all = (host: Element) =>
    [...host.querySelectorAll('canvas')].flatMap(canvas => written.get(canvas) ?? []);
  return { written: all, texts: (host: Element) => all(host).map(({ text }) => text) };
}

function sized(pixels: number) {
  return function (this: HTMLElement) {
    return this.isConnected ? pixels : 0;
  };
}
