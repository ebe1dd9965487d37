import type { Attribute } from '@edjm/onnx-autodiff';
import { ints } from '../../support/smallGraphs.ts';
import { noise } from '../../support/vjpCheck.ts';
import { double, of, one, type RuleCase } from './ruleCase.ts';

/** Coordinates, some of them outside of the image. */
const coordinates = double(
  [2, 3, 2, 2],
  noise(24, 4).map((value) => 1.4 * value),
);

function sampled(attributes: Readonly<Record<string, string | number>>, opset = 16): RuleCase {
  const written = Object.entries(attributes).map(([name, value]): [string, Attribute] => [
    name,
    typeof value === 'string' ? { string: value } : { int: value },
  ]);
  return one(of('GridSample', Object.fromEntries(written)), [[2, 2, 4, 5], coordinates], { opset });
}

/** Images read at coordinates that are data. */
export const gridsCases: Readonly<Record<string, RuleCase>> = {
  GridSample: sampled({}),
  'GridSample of aligned corners': sampled({ align_corners: 1 }),
  'GridSample of the border': sampled({ padding_mode: 'border' }),
  'GridSample that mirrors': sampled({ padding_mode: 'reflection' }),
  'GridSample that mirrors, with aligned corners': sampled({ padding_mode: 'reflection', align_corners: 1 }),
  'GridSample of the nearest': sampled({ mode: 'nearest' }),
  'GridSample of the nearest, mirrored': sampled({ mode: 'nearest', padding_mode: 'reflection' }, 20),
  'GridSample of cubics': sampled({ mode: 'bicubic' }),
  'GridSample of cubics of the border': sampled({ mode: 'cubic', padding_mode: 'border' }, 20),
  'GridSample of cubics, mirrored': sampled({ mode: 'cubic', padding_mode: 'reflection' }, 20),
  'GridSample of a volume': one(
    of('GridSample'),
    [
      [1, 2, 3, 2, 4],
      double(
        [1, 2, 1, 2, 3],
        noise(12, 8).map((value) => 1.2 * value),
      ),
    ],
    { opset: 20 },
  ),
  AffineGrid: one(of('AffineGrid'), [[2, 2, 3]], { constants: { s: ints(2, 1, 3, 4) }, opset: 20 }),
  'AffineGrid of a volume, with aligned corners': one(
    of('AffineGrid', { align_corners: { int: 1 } }),
    [[1, 3, 4]],
    { constants: { s: ints(1, 2, 2, 3, 2) }, opset: 20 },
  ),
};
