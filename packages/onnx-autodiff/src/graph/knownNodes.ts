import type { Attribute, Node } from '../model/graph.ts';

/** Attributes up to this length are compared; nodes with longer ones are taken to differ. */
const LONGEST_ATTRIBUTES = 4096;

function attributeText(attribute: Attribute): string | undefined {
  if ('tensor' in attribute) {
    const { elementType, shape, bytes } = attribute.tensor;
    return bytes.length > LONGEST_ATTRIBUTES ? undefined : `${elementType}[${shape.join()}]${bytes.join()}`;
  }
  return 'graph' in attribute || 'opaque' in attribute ? undefined : JSON.stringify(attribute);
}

/** A text that says what a node computes: equal texts, equal outputs. Undefined if the text would be too long. */
function computation({ opType, domain, opset, inputs, outputs, attributes }: Node): string | undefined {
  const texts = Object.entries(attributes).map(([name, attribute]) => {
    const text = attributeText(attribute);
    return text === undefined ? undefined : `${name}=${text}`;
  });
  if (texts.includes(undefined)) return undefined;
  const text = texts.sort().join();
  if (text.length > LONGEST_ATTRIBUTES) return undefined;
  const present = outputs.map((name) => name !== '').join();
  return JSON.stringify([domain, opType, opset ?? 0, inputs, present, text]);
}

/** The nodes of a graph, by their computation and by their outputs. */
export class KnownNodes {
  readonly #byComputation = new Map<string, Node>();
  readonly #byOutput = new Map<string, Node>();

  /** An earlier node that computes the same. */
  equalTo(node: Node): Node | undefined {
    const key = computation(node);
    return key === undefined ? undefined : this.#byComputation.get(key);
  }

  /** The node that makes a tensor; undefined for inputs and constants. */
  producer(name: string): Node | undefined {
    return this.#byOutput.get(name);
  }

  add(node: Node): void {
    const key = computation(node);
    if (key !== undefined) this.#byComputation.set(key, node);
    for (const name of node.outputs) if (name !== '') this.#byOutput.set(name, node);
  }
}
