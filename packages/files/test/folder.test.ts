import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBeside, isBelow } from '../src/folder.ts';

describe('a name below a folder', () => {
  it.each([
    'weights.bin',
    'a/b/weights.bin',
    './weights.bin',
    '100%.bin',
    '..weights',
    'a..b/c',
    'onnx::MatMul_1',
    'a%20b%2Ebin',
  ])('is %s', (name) => {
    expect(isBelow(name)).toBe(true);
  });

  it.each([
    '',
    '..',
    '../weights.bin',
    'a/../../weights.bin',
    'a/../weights.bin',
    String.raw`..\weights.bin`,
    String.raw`a\..\..\weights.bin`,
    '%2e%2e/weights.bin',
    '%2E./weights.bin',
    '.%2e%2fweights.bin',
    '%2e%2e%5cweights.bin',
    '%252e%252e/weights.bin',
    '%25252e./weights.bin',
    '%25%32%65%25%32%65/weights.bin',
    '%2%65%2%65%2%66weights.bin',
    '/weights.bin',
    String.raw`\weights.bin`,
    String.raw`\\server\share\weights.bin`,
    'C:/weights.bin',
    String.raw`c:\weights.bin`,
    'c:weights.bin',
    'http://127.0.0.1/weights.bin',
    'file:///etc/passwd',
    '.\t./weights.bin',
    'weights.bin\0.png',
    'weights\n.bin',
    'weights\ud800.bin',
  ])('is not %j', (name) => {
    expect(isBelow(name)).toBe(false);
  });

  it('leads an address nowhere else', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E%2e',
      '/',
      '\\',
      '%2f',
      '%5c',
      'a',
      'http:',
      'C:',
      '//',
      '?',
      '#',
      '\t',
      '@',
      '%25',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const base = 'http://127.0.0.1/models/';
        const address = addressBeside(`${base}model.bin`, parts.join(''));
        if (address !== undefined) expect(new URL(address).href.startsWith(base)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
