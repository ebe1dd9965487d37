/** y = x + w for two numbers a sample, with w in a file of its own: the bytes of a field, one inside another. */
export function modelWithExternal(location: string, offset = 0): Uint8Array {
  const field = (number: number, content: readonly number[]) => [
    (number << 3) | 2,
    content.length,
    ...content,
  ];
  const text = (number: number, value: string) => field(number, Array.from(new TextEncoder().encode(value)));
  const integer = (number: number, value: number) => [number << 3, value];
  const entry = (key: string, value: string) => field(13, [...text(1, key), ...text(2, value)]);
  const tensor = [
    ...integer(1, 2),
    ...integer(2, 1),
    ...text(8, 'w'),
    ...entry('location', location),
    ...entry('offset', String(offset)),
    ...integer(14, 1),
  ];
  const value = (name: string, batchSize: readonly number[]) => [
    ...text(1, name),
    ...field(
      2,
      field(1, [...integer(1, 1), ...field(2, [...field(1, batchSize), ...field(1, integer(1, 2))])]),
    ),
  ];
  const graph = [
    ...field(1, [...text(1, 'x'), ...text(1, 'w'), ...text(2, 'y'), ...text(4, 'Add')]),
    ...field(5, tensor),
    ...field(11, value('x', text(2, 'n'))),
    ...field(12, value('y', text(2, 'n'))),
  ];
  // Lengths above 127 take a second byte.
  const length = [(graph.length & 0x7f) | 0x80, graph.length >> 7];
  return Uint8Array.from([...integer(1, 8), (7 << 3) | 2, ...length, ...graph, ...field(8, integer(2, 18))]);
}
