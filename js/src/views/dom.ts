/** Elements, in few words. Text is only ever set as text. */

import type { Store } from '../store';

/** What a part draws: the store's search, into the element. */
export interface Context {
  store: Store;
  el: HTMLElement;
}

type Child = Node | string;
type Attributes = { [name: string]: string | number | boolean | undefined };

/** An element with a class, attributes and children. `undefined` and false leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  element.append(...children);
  return element;
}

/** A button that does one thing. */
export function button(className: string, text: string, act: (event: MouseEvent) => void): HTMLButtonElement {
  const element = h('button', className, { type: 'button' }, text);
  element.addEventListener('click', act);
  return element;
}

/** Sets the text where it differs: an unchanged node costs the browser nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** Pixels of a digit in the element's font. */
export function digitWidth(element: HTMLElement): number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return 7.3;
  const { fontSize, fontFamily } = getComputedStyle(element);
  context.font = `${fontSize} ${fontFamily}`;
  return context.measureText('0').width || 7.3;
}

/** Calls back every so many milliseconds while the element is on the page. Returns what ends that. */
export function every(milliseconds: number, act: () => void): () => void {
  const timer = setInterval(act, milliseconds);
  return () => clearInterval(timer);
}
