/** Colours of the page for canvases, which cannot read custom properties themselves. */

import type { Rgb } from './raster';

/** CSS custom property -> what is taken where it is not set. */
const PROPERTIES = {
  paper: ['--maggy-paper', '#ffffff'],
  text: ['--maggy-strong', '#000000'],
  muted: ['--maggy-muted', '#666666'],
  faint: ['--maggy-rule-line', '#e0e0e0'],
  grid: ['--maggy-gridline', '#eceff1'],
  axis: ['--maggy-border', '#bdbdbd'],
  running: ['--maggy-running', '#1976d2'],
  finished: ['--maggy-finished', '#54657a'],
  early: ['--maggy-early', '#7b8a9b'],
  hand: ['--maggy-hand', '#7b4fb0'],
  failed: ['--maggy-failed', '#c62828'],
  cancelled: ['--maggy-cancelled', '#7b8a9b'],
  waiting: ['--maggy-waiting', '#9aa5b1'],
  threshold: ['--maggy-rule', '#b04a00'],
  best: ['--maggy-best', '#000000'],
  halo: ['--maggy-halo', '#ffec80'],
} as const;
const RAMP = ['#9bd93c', '#35b779', '#26828e', '#3e4a89', '#440154'];

type ColourName = keyof typeof PROPERTIES;

export interface Theme {
  readonly css: { readonly [name in ColourName]: string };
  readonly rgb: { readonly [name in ColourName]: Rgb };
  /** Colours for metrics from worst to best. */
  readonly ramp: readonly Rgb[];
  readonly dark: boolean;
  readonly font: string;
}

export function readTheme(el: HTMLElement): Theme {
  const style = getComputedStyle(el);
  const read = (property: string, otherwise: string) => style.getPropertyValue(property).trim() || otherwise;
  const context = document.createElement('canvas').getContext('2d');
  const css: { [name: string]: string } = {};
  const rgb: { [name: string]: Rgb } = {};
  for (const [name, [property, otherwise]] of Object.entries(PROPERTIES)) {
    css[name] = read(property, otherwise);
    rgb[name] = parse(context, css[name]);
  }
  const ramp = RAMP.map((otherwise, i) => parse(context, read(`--maggy-ramp-${i}`, otherwise)));
  const paper = rgb.paper as Rgb;
  const dark = paper[0] + paper[1] + paper[2] < 1.5;
  const font = style.fontFamily || 'sans-serif';
  return { css: css as Theme['css'], rgb: rgb as Theme['rgb'], ramp, dark, font };
}

/** The colour at 0..1 of the ramp. */
export function rampAt(ramp: readonly Rgb[], at: number): Rgb {
  const place = Math.max(0, Math.min(1, at || 0)) * (ramp.length - 1);
  const low = ramp[Math.floor(place)] as Rgb;
  const high = ramp[Math.ceil(place)] as Rgb;
  const part = place - Math.floor(place);
  return [0, 1, 2].map(i => (low[i] as number) * (1 - part) + (high[i] as number) * part) as unknown as Rgb;
}

export function cssOf(rgb: Rgb): string {
  return `rgb(${rgb.map(part => Math.round(part * 255)).join(' ')})`;
}

/**
 * Calls back when the colours of the page change, whoever changes them: a hidden element's colour is
 * in transition then. Returns what ends that.
 */
export function watchTheme(el: HTMLElement, changed: () => void): () => void {
  const probe = document.createElement('span');
  probe.className = 'maggy-probe';
  el.append(probe);
  // At its start: the page may be laid out anew meanwhile, and then a transition has no end.
  probe.addEventListener('transitionrun', changed);
  return () => probe.remove();
}

/** A canvas reads any CSS colour and gives back #rrggbb or rgba(). */
function parse(context: CanvasRenderingContext2D | null, colour: string): Rgb {
  let text = colour;
  if (context) {
    context.fillStyle = '#888888';
    context.fillStyle = colour;
    text = String(context.fillStyle);
  }
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i.exec(text);
  if (hex) return hex.slice(1, 4).map(part => Number.parseInt(part, 16) / 255) as unknown as Rgb;
  const [red = 128, green = 128, blue = 128] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [red / 255, green / 255, blue / 255];
}
