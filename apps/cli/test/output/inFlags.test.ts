import { describe, expect, it } from 'vitest';
import { inFlags } from '../../src/output/inFlags.ts';

describe('inFlags', () => {
  it.each([
    ['weightDecay: expected 0 or more, got -1.', '--weight-decay: expected 0 or more, got -1.'],
    [
      'they differ in batchSize (10 in the checkpoint, 20 now)',
      'they differ in --batch-size (10 in the checkpoint, 20 now)',
    ],
    ["given by the option 'fixed' (--fix NAME=VALUE).", 'given by --fix NAME=VALUE.'],
    ["use the option 'straightThrough' (--straight-through).", 'use --straight-through.'],
    ["Correct the option 'batchAxis' (--batch-axis AXIS).", 'Correct --batch-axis AXIS.'],
    ["Choose one with the option 'array'.", 'Choose one with --array.'],
    ["Choose one with the option 'labelsArray'.", 'Choose one with --labels-array.'],
    ["other than 0 as the option 'scale', got 0.", 'other than 0 as --scale, got 0.'],
    ["in float64. Choose the provider 'cpu'.", 'in float64. Choose --engine onnx:cpu.'],
    [
      "Choose an output before it by the option 'output' (--output NAME), or",
      'Choose an output before it by --output NAME, or',
    ],
  ])('names the flags of the command: %s', (message, expected) => {
    expect(inFlags(message)).toBe(expected);
  });

  it.each([
    'dir/batchSize: expected a file',
    'bad.json: network description, inputShape: expected a list',
    '"seed": expected',
  ])('leaves alone what is no option: %s', (message) => {
    expect(inFlags(message)).toBe(message);
  });
});
