/** Rings that pulse around what is running: elements moved by CSS alone, so that they cost no drawing. */

/** More than this at once is noise, and work for the browser. */
const MOST = 24;

export class Pulses {
  private readonly host: HTMLElement;
  private readonly rings: HTMLElement[] = [];

  constructor(host: HTMLElement) {
    this.host = host;
  }

  /** Puts a ring around each point (CSS pixels in the host). */
  show(points: readonly (readonly [number, number])[]): void {
    const shown = points.slice(0, MOST);
    while (this.rings.length < shown.length) this.rings.push(this.made());
    this.rings.forEach((ring, i) => {
      const point = shown[i];
      ring.hidden = !point;
      if (point) ring.style.translate = `${point[0].toFixed(1)}px ${point[1].toFixed(1)}px`;
    });
  }

  dispose(): void {
    for (const ring of this.rings) ring.remove();
  }

  private made(): HTMLElement {
    const ring = document.createElement('span');
    ring.className = 'maggy-pulse';
    this.host.append(ring);
    return ring;
  }
}
