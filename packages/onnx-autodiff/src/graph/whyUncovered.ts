/** Why some operators of the standard have no rule; the message that refuses a node says so. */
const drawsNumbers =
  'A network that draws random numbers has no Jacobian: export it in evaluation mode, or with the numbers as an input.';
const choosesShapes =
  'How many numbers it gives depends on the data: such a step has no Jacobian of a fixed size.';
const isText = 'It works on text, through which no gradient flows.';

const reasons = new Map(
  Object.entries({
    Bernoulli: drawsNumbers,
    Multinomial: drawsNumbers,
    RandomNormal: drawsNumbers,
    RandomNormalLike: drawsNumbers,
    RandomUniform: drawsNumbers,
    RandomUniformLike: drawsNumbers,
    NonMaxSuppression: choosesShapes,
    Unique: choosesShapes,
    RegexFullMatch: isText,
    StringConcat: isText,
    StringNormalizer: isText,
    StringSplit: isText,
    TfIdfVectorizer: isText,
  }),
);

const isOfOneMachine =
  'ONNX Runtime laid its tensors out for one kind of processor: write the optimized model with the level "extended" or below, or take the one before it was optimized.';

/** Why an operator has no rule, if there is a reason to give. */
export function whyUncovered(operator: string): string | undefined {
  return operator.startsWith('com.microsoft.nchwc.') ? isOfOneMachine : reasons.get(operator);
}
