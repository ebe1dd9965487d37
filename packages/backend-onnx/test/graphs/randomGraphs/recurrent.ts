import { tensorOf } from '@edjm/onnx-autodiff';
import { float, int, some, string, type Recipe, type Recipes } from './recipe.ts';

/** A recurrent layer on a short sequence, all or some of its outputs; peepholes if it has them. */
function recurrent(opType: string, gates: number): Recipe {
  return {
    draw: (drawing) => {
      const isLstm = opType === 'LSTM';
      const direction = drawing.oneOf(['forward', 'reverse', 'bidirectional']);
      const directions = direction === 'bidirectional' ? 2 : 1;
      const hidden = drawing.between(1, 2);
      const x = drawing.tensor({
        ranks: [3, 3],
        where: (shape) => shape[0]! <= 3,
        fresh: () => [drawing.between(1, 3), 2, 2],
      });
      const [steps = 1, batch = 1, features = 1] = drawing.shapeOf(x);
      const w = drawing.fresh([directions, gates * hidden, features]);
      const r = drawing.fresh([directions, gates * hidden, hidden]);
      const optional = (shape: readonly number[]) => (drawing.flag() ? drawing.fresh(shape) : '');
      const lengths = tensorOf(
        'int32',
        [batch],
        Array.from({ length: batch }, () => drawing.between(1, steps)),
      );
      const inputs = [
        x,
        w,
        r,
        optional([directions, 2 * gates * hidden]),
        drawing.below(3) === 2 ? drawing.initializer(lengths) : '',
        optional([directions, batch, hidden]),
        ...(isLstm ? [optional([directions, batch, hidden]), optional([directions, 3 * hidden])] : []),
      ];
      while (inputs.at(-1) === '') inputs.pop();
      const outputs = [true, drawing.flag(), ...(isLstm ? [drawing.flag()] : [])];
      const attributes = {
        hidden_size: int(hidden),
        direction: string(direction),
        ...some(drawing, {
          clip: float(0.7),
          ...(opType === 'GRU' && { linear_before_reset: int(1) }),
          ...(isLstm && { input_forget: int(1) }),
        }),
      };
      return drawing.emitAll(opType, inputs, { attributes, outputs, bound: 3 }).filter((name) => name !== '');
    },
    lacks: 'float64',
  };
}

/** Recurrent layers. */
export const recurrentRecipes: Recipes = {
  RNN: recurrent('RNN', 1),
  GRU: recurrent('GRU', 3),
  LSTM: recurrent('LSTM', 4),
};
