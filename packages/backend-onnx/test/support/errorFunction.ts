import { tensorOf, type Graph, type Node } from '@edjm/onnx-autodiff';
import { node } from './smallGraphs.ts';

/** erf is 1 to the last digit from here on. */
const SATURATED = 6;
/** Terms of the series that count up to there. */
const TERMS = 140;

/** Numbers that the replacements need, by name. */
const numbers: ReadonlyMap<string, number> = new Map([
  ['erf/one', 1],
  ['erf/half', 0.5],
  ['erf/low', -SATURATED],
  ['erf/high', SATURATED],
  ['erf/scale', 2 / Math.sqrt(Math.PI)],
  ['erf/root', Math.SQRT1_2],
  ...Array.from({ length: TERMS }, (_, k) => [`erf/${String(k + 1)}`, 2 / (2 * k + 3)] as const),
]);

/**
 * The same float64 graph with the error function in arithmetic, as the engine has it for float32 alone:
 *
 *     erf x = 2/√π x e^(−x²) (1 + 2x²/3 (1 + 2x²/5 (1 + …)))     Gelu x = ½ x (1 + erf(x/√2))
 *
 * All terms have one sign, so no digit is lost.
 */
export function withErfInDouble(graph: Graph): Graph {
  const nodes = graph.nodes.flatMap((source) => {
    if (source.opType === 'Erf') return erfNodes(source);
    return source.opType === 'Gelu' ? geluNodes(source) : [source];
  });
  const constants = [...numbers].map(([name, value]) => [name, tensorOf('float64', [], [value])] as const);
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...constants]) };
}

function erfNodes({ inputs: [x = ''], outputs: [y = ''] }: Node): readonly Node[] {
  const at = (name: string) => `${y}/${name}`;
  const step = (opType: string, inputs: readonly string[], output: string) =>
    node(opType, inputs, { outputs: [output] });
  const series = Array.from({ length: TERMS }, (_, index) => {
    const k = TERMS - index;
    const inner = index === 0 ? 'erf/one' : at(`sum${String(k + 1)}`);
    return [
      step('Mul', [at('square'), `erf/${String(k)}`], at(`ratio${String(k)}`)),
      step('Mul', [at(`ratio${String(k)}`), inner], at(`term${String(k)}`)),
      step('Add', [at(`term${String(k)}`), 'erf/one'], at(`sum${String(k)}`)),
    ];
  });
  return [
    step('Clip', [x, 'erf/low', 'erf/high'], at('x')),
    step('Mul', [at('x'), at('x')], at('square')),
    ...series.flat(),
    step('Neg', [at('square')], at('exponent')),
    step('Exp', [at('exponent')], at('decay')),
    step('Mul', [at('decay'), at('sum1')], at('shape')),
    step('Mul', [at('shape'), at('x')], at('product')),
    step('Mul', [at('product'), 'erf/scale'], y),
  ];
}

function geluNodes({ inputs: [x = ''], outputs: [y = ''] }: Node): readonly Node[] {
  const at = (name: string) => `${y}/${name}`;
  const erf = node('Erf', [at('scaled')], { outputs: [at('erf')] });
  return [
    node('Mul', [x, 'erf/root'], { outputs: [at('scaled')] }),
    ...erfNodes(erf),
    node('Add', [at('erf'), 'erf/one'], { outputs: [at('twice')] }),
    node('Mul', [at('twice'), 'erf/half'], { outputs: [at('cumulative')] }),
    node('Mul', [x, at('cumulative')], { outputs: [y] }),
  ];
}
