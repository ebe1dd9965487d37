import { DOMParser } from 'linkedom';

/** A document to draw with: a browser's `document` fits, and so does one of jsdom. */
export interface SvgDocument {
  readonly implementation: {
    createDocument(namespace: string, rootName: string): unknown;
  };
}

/** A document in which elements are made, and written as XML rather than as HTML. */
export interface XmlDocument {
  createElementNS(namespace: string, name: string): unknown;
}

/** The part of an element that drawing needs. */
export interface SvgElement {
  readonly outerHTML: string;
  textContent: string | null;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  append(...children: readonly SvgElement[]): void;
  prepend(...children: readonly SvgElement[]): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** An empty SVG document, of the same make as `document` or, without one, of linkedom's. */
export function svgDocument(document?: SvgDocument): XmlDocument {
  const made =
    document === undefined
      ? new DOMParser().parseFromString(`<svg xmlns="${NAMESPACE}"/>`, 'image/svg+xml')
      : document.implementation.createDocument(NAMESPACE, 'svg');
  return made as XmlDocument;
}

/** Makes elements of a document: a name, attributes, and the text inside, if any. */
export function elementMaker(document: XmlDocument): ElementMaker {
  return (name, attributes, text) => {
    const element = document.createElementNS(NAMESPACE, name) as SvgElement;
    setAttributes(element, attributes);
    if (text !== undefined) element.textContent = text;
    return element;
  };
}

/** Names and values of an element's attributes. */
export type Attributes = Readonly<Record<string, string | number>>;
/** Makes one element. */
export type ElementMaker = (name: string, attributes: Attributes, text?: string) => SvgElement;

/** Sets several attributes. */
export function setAttributes(element: SvgElement, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
}

const NUMBERS_IN = ['d', 'transform', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy'];
const LONG_FRACTION = /-?\d+\.\d{3,}(?:e-?\d+)?/g;

/** The text of an SVG element as a file of its own, with coordinates rounded to hundredths of a pixel. */
export function serialize(svg: SvgElement): string {
  svg.setAttribute('xmlns', NAMESPACE);
  for (const element of svg.querySelectorAll('*')) {
    for (const name of NUMBERS_IN) {
      const value = element.getAttribute(name);
      if (value === null) continue;
      element.setAttribute(
        name,
        value.replaceAll(LONG_FRACTION, (number) => String(Math.round(Number(number) * 100) / 100)),
      );
    }
  }
  return `${svg.outerHTML}\n`;
}
