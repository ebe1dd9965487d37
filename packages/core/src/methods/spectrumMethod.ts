import { eigenvalueErrorBound, tsqrErrorBound } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';

/**
 * How the singular values are computed, in float64 from the rows of the engine:
 * - `dual`: for n ≤ d_in, the rows are kept and J Jᵀ (n × n) is formed;
 * - `gram`: the engine forms JᵀJ of each batch, and rows never leave it;
 * - `gram-of-rows`: JᵀJ is formed outside the engine;
 * - `tsqr`: a QR decomposition of the rows, batch after batch, which keeps the small end of the spectrum;
 * - `dual-blocks`: J Jᵀ, formed of some rows at a time that are held while all others are computed once more, where the rows do not fit
 *   the memory;
 * - `krylov`: the largest values alone, from products with J and Jᵀ, where neither n × d_in nor d_in × d_in fits the memory;
 * - `frequent-directions`: a sketch of J of fixed size, for a spectrum with wide error bounds in one pass.
 */
export type SpectrumMethod = (typeof spectrumMethods)[number];

/** The names of all methods. */
export const spectrumMethods = [
  'dual',
  'gram',
  'gram-of-rows',
  'tsqr',
  'dual-blocks',
  'krylov',
  'frequent-directions',
] as const;

/** What the choice of a method depends on. */
export interface MethodRequest {
  readonly network: DifferentiableNetwork;
  /** Samples. */
  readonly n: number;
  /** Whether all singular values are wanted, and not the largest alone. */
  readonly wantsAll: boolean;
  /** Whether a metric reads JᵀJ. */
  readonly wantsGram: boolean;
  /** Whether the spectrum of all outputs together is wanted. */
  readonly stacked: boolean;
  /** Whether the network is a function of fewer values than its input. */
  readonly narrowed: boolean;
  /** The largest error relative to the largest value that is asked for, by a metric too. */
  readonly accuracy: number;
  /** What the user asks for: what a metric asks for beyond it is had where it can be. */
  readonly askedAccuracy: number | undefined;
}

/** A method and what it can do. */
interface Traits {
  /** What it is, for people. */
  readonly what: string;
  /** What it expects and what came, where these are not the same; nothing where it will do. */
  readonly expects: (request: MethodRequest) => string | undefined;
  /** A bound of |computed − true| / σ₁ for every value, for rows as the engine gives them, so many in a batch. */
  readonly accuracy: (n: number, columns: number, batchSize: number) => number;
}

const UNIT = 2 ** -53;

/** Outside an engine, rows are multiplied in panels of 256 of what is summed over. */
const PANEL_DEPTH = 256;

/**
 * The error of a value near zero that comes through squares, relative to σ₁: products are off by at most γ trace(JᵀJ) ≤ γ r σ₁²
 * in norm, r = min(n, d), and their eigenvalues by what the solver rounds besides; the value by the root of that. As many terms
 * as a product is deep, and one for each product, are added one after the other.
 */
function throughSquares(n: number, columns: number, depthOfProduct: number = PANEL_DEPTH): number {
  const rank = Math.min(n, columns);
  const depth = depthOfProduct + Math.ceil(Math.max(n, columns) / depthOfProduct);
  return Math.sqrt(depth * UNIT * rank + eigenvalueErrorBound(rank, 1));
}

function tooManySamples(n: number, dIn: number, narrowed: boolean): string {
  const why = narrowed ? ', the width of the narrowest layer in front' : '';
  return `at most as many samples as a row has values, ${dIn}${why}, got ${n}`;
}

const anything = (): undefined => undefined;

/** What each method can do. */
export const methodTraits: Readonly<Record<SpectrumMethod, Traits>> = {
  dual: {
    what: 'products of the rows with each other, J Jᵀ',
    expects: ({ n, network, narrowed }) =>
      n <= network.dIn ? undefined : tooManySamples(n, network.dIn, narrowed),
    accuracy: (n, columns) => throughSquares(n, columns),
  },
  gram: {
    what: 'Gram matrices JᵀJ, formed in the engine',
    expects: ({ network }) =>
      network.gram
        ? undefined
        : 'an engine that forms Gram matrices, got one that does not; gram-of-rows does without',
    accuracy: throughSquares,
  },
  'gram-of-rows': {
    what: 'Gram matrices JᵀJ, formed of the rows',
    expects: anything,
    accuracy: (n, columns, batchSize) => throughSquares(n, columns, Math.min(batchSize, PANEL_DEPTH)),
  },
  tsqr: {
    what: 'a QR decomposition of the rows',
    expects: anything,
    accuracy: tsqrErrorBound,
  },
  'dual-blocks': {
    what: 'products of the rows with each other, J Jᵀ, some rows at a time',
    expects: ({ n, network, wantsGram, stacked, narrowed }) => {
      if (n > network.dIn) return tooManySamples(n, network.dIn, narrowed);
      if (stacked) return 'each output by itself, got all of them to be stacked';
      if (narrowed) return `rows of all inputs, got a network that depends on ${network.dIn} values of them`;
      return wantsGram ? 'metrics of singular values, got one that reads JᵀJ' : undefined;
    },
    accuracy: (n, columns) => throughSquares(n, columns),
  },
  krylov: {
    what: 'block Krylov on products with J and Jᵀ',
    expects: ({ wantsAll, wantsGram, stacked }) => {
      if (wantsAll) return 'a number of largest values, or metrics that read these alone, got all values';
      if (stacked) return 'each output by itself, got all of them to be stacked';
      return wantsGram ? 'metrics of singular values, got one that reads JᵀJ' : undefined;
    },
    accuracy: () => 1e-10,
  },
  'frequent-directions': {
    what: 'a sketch by frequent directions',
    expects: anything,
    accuracy: () => 1,
  },
};

/** Those that are chosen unasked, the best first: the later ones are for what the earlier ones cannot do, or have no memory for. */
const byPreference: readonly SpectrumMethod[] = [
  'dual',
  'gram',
  'gram-of-rows',
  'tsqr',
  'dual-blocks',
  'krylov',
];

/**
 * The methods that can do what is asked with the accuracy that is asked for, best first.
 *
 * @param wanted - the one that the user asks for; a metric's accuracy is then no condition.
 * @throws EdjmError `INVALID_ARGUMENT` where that one cannot, or none is so accurate.
 */
export function suitableMethods(request: MethodRequest, wanted?: SpectrumMethod): readonly SpectrumMethod[] {
  if (wanted === undefined) return accurateMethods(request);
  const { network, n, askedAccuracy } = request;
  const name = `${network.name}: method ${wanted}`;
  const expected = methodTraits[wanted].expects(request);
  if (expected !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name} expected ${expected}. Take another method, or none for the best.`,
    );
  }
  const exact = bestAccuracy(wanted, request);
  if (askedAccuracy !== undefined && exact >= 1) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name} expected no accuracy to be asked for, as its errors show at the end alone, got ${askedAccuracy}. Leave the accuracy out, or take another method.`,
    );
  }
  if (askedAccuracy !== undefined && exact > askedAccuracy) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name} expected an accuracy of ${exact.toExponential(1)} or more for ${n} × ${network.dIn} rows, got ${askedAccuracy}. Take another method, or none for the best.`,
    );
  }
  return [wanted];
}

/** What a method has with as many samples in a batch as the network prefers. */
export function bestAccuracy(
  method: SpectrumMethod,
  { network, n }: Pick<MethodRequest, 'network' | 'n'>,
): number {
  return methodTraits[method].accuracy(n, network.dIn, Math.min(n, network.preferredBatchSize));
}

function accurateMethods(request: MethodRequest): readonly SpectrumMethod[] {
  const { network, n, accuracy, askedAccuracy } = request;
  const possible = byPreference.filter(
    (method) =>
      methodTraits[method].expects(request) === undefined &&
      // The engine forms these products itself, in fewer steps.
      !(method === 'gram-of-rows' && network.gram !== undefined),
  );
  const exact = (method: SpectrumMethod): number => bestAccuracy(method, request);
  const accurate = possible.filter((method) => exact(method) <= accuracy);
  if (accurate.length > 0) return accurate;
  const best = Math.min(...possible.map(exact));
  if (best <= (askedAccuracy ?? Infinity)) return possible.filter((method) => exact(method) === best);
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${network.name}: expected an accuracy of ${best.toExponential(1)} or more for ${n} × ${network.dIn} rows, got ${askedAccuracy}. Float64 has no more digits.`,
  );
}
