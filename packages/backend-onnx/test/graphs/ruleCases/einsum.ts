import { node } from '../../support/smallGraphs.ts';
import { of, one, type RuleCase } from './ruleCase.ts';

const einsum = (equation: string, ...shapes: readonly (readonly number[])[]): RuleCase =>
  one(of('Einsum', { equation: { string: equation } }), shapes);

/** Einsum, by its equation. */
export const einsumCases: Readonly<Record<string, RuleCase>> = {
  'Einsum of matrices': einsum('ij,jk->ik', [2, 3], [3, 4]),
  'Einsum of matrices, into the transposed': einsum('ij,jk->ki', [2, 3], [3, 4]),
  'Einsum without an arrow': einsum('ij,jk', [2, 3], [3, 4]),
  'Einsum without an arrow, capitals first': {
    ...einsum('bA,Bb', [2, 3], [4, 2]),
    engineLacks: 'it takes capitals for no letters where there is no arrow',
    instead: [node('Einsum', ['v0', 'v1'], { attributes: { equation: { string: 'bA,Bb->AB' } } })],
  },
  'Einsum of capitals': einsum('bA,Bb->AB', [2, 3], [4, 2]),
  'Einsum of batches of heads': einsum('bqhd,bkhd->bhqk', [2, 3, 2, 4], [2, 5, 2, 4]),
  'Einsum of a batch with weights': einsum('abc,cde->abde', [2, 3, 4], [4, 2, 3]),
  'Einsum with spaces and an ellipsis': einsum(' ...ij , jk -> ...ik', [2, 2, 2, 3], [3, 4]),
  'Einsum of ellipses that broadcast': einsum('...ij,...jk->...ki', [2, 1, 2, 3], [1, 3, 3, 4]),
  'Einsum of an ellipsis without an arrow': einsum('i...,i', [3, 2, 2], [3]),
  'Einsum of a diagonal': einsum('ii->i', [3, 3]),
  'Einsum of a trace': einsum('ii', [3, 3]),
  'Einsum of diagonals in a batch': einsum('ibi,bj->ij', [3, 2, 3], [2, 4]),
  'Einsum of a diagonal of three axes': einsum('iji->j', [3, 2, 3]),
  'Einsum of elements': einsum('ij,ji->ij', [2, 3], [3, 2]),
  'Einsum of an outer product': einsum('i,jk->kij', [2], [3, 4]),
  'Einsum of an inner product': einsum('i,i', [3], [3]),
  'Einsum of a scalar': einsum(',ij->ji', [], [2, 3]),
  'Einsum of a sum': einsum('ijk->j', [2, 3, 4]),
  'Einsum of a transposition': einsum('ijk->kij', [2, 3, 4]),
  'Einsum of sums on either side': einsum('ij,kl->l', [2, 3], [2, 4]),
  'Einsum of axes of size 1': einsum('ij,ij->ij', [1, 3], [2, 1]),
  'Einsum of an axis of size 1 that is summed': einsum('ij,jk->ik', [2, 1], [3, 4]),
  'Einsum of three': einsum('ij,jk,kl->il', [2, 3], [3, 4], [4, 2]),
  'Einsum of four': einsum('bi,bij,bj,k->bk', [2, 3], [2, 3, 4], [2, 4], [2]),
};
