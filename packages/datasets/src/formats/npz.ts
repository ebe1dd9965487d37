import { EdjmError } from '@edjm/core';
import { type ByteSource, openZip, type RandomSource, type ZipMember } from '@edjm/files';

const NPZ = {
  expected: 'an .npz archive as numpy.savez writes it',
  todo: 'Write or download it again.',
};

/**
 * One array of an .npz archive, inflated as far as it is read and no further.
 *
 * @param file - The archive.
 * @param array - Which array; may be left out if there is only one.
 * @throws EdjmError `AMBIGUOUS` if there are several and none was named, `NOT_FOUND` if there is none of that name,
 * `INVALID_FILE` for a damaged archive; reading throws `UNSUPPORTED` for an encrypted one.
 */
export async function npzMember(file: RandomSource, array?: string): Promise<ByteSource> {
  const members = await arraysIn(file);
  const member = choose(members, file.location, array);
  const part = `(array '${arrayName(member)}')`;
  return { ...member, name: `${file.name} ${part}`, location: `${file.location} ${part}` };
}

/** The names of the arrays of an .npz archive. */
export async function npzArrays(file: RandomSource): Promise<readonly string[]> {
  return (await arraysIn(file)).map(arrayName);
}

async function arraysIn(file: RandomSource): Promise<readonly ZipMember[]> {
  return (await openZip(file, NPZ)).filter(({ name }) => name.endsWith('.npy'));
}

function choose(members: readonly ZipMember[], location: string, array: string | undefined): ZipMember {
  const names = members.map((member) => `'${arrayName(member)}'`).join(', ');
  const [first, second] = members;
  if (first === undefined) {
    throw new EdjmError(
      'INVALID_FILE',
      `${location}: expected ${NPZ.expected}, got a zip archive without any .npy in it. ${NPZ.todo}`,
    );
  }
  if (array !== undefined) {
    const chosen = members.find((member) => arrayName(member) === array);
    if (chosen !== undefined) return chosen;
    throw new EdjmError(
      'NOT_FOUND',
      `${location}: expected an array '${array}', got ${names}. Choose one of these.`,
    );
  }
  if (second === undefined) return first;
  throw new EdjmError(
    'AMBIGUOUS',
    `${location}: expected one array, got ${names}. Choose one by the option 'array' (--array NAME).`,
  );
}

function arrayName({ name }: ZipMember): string {
  return name.slice(0, -'.npy'.length);
}
