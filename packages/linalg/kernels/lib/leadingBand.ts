import { largestOfBand } from './bandValues';
import { Layout } from './layout';
import { meet } from './threads';
import { TILE } from './tiles';
import { dot } from './vectors';

/**
 * The largest values from the first columns of the band, before the rest of the matrix is reduced.
 *
 * Once m columns are, the matrix is, but for orthogonal transformations, [T Eᵀ; E B] with T a band matrix of order m, E the
 * triangle that couples its last 32 rows to the next ones, and B what is left. T is that of block Lanczos, begun with the first 32
 * unit vectors: its largest values come near those of the whole early. They are never above these (Cauchy). And for
 * x > ‖B‖ elimination of B − x I, which is negative definite, leaves T − x I + Eᵀ (x I − B)⁻¹ E, so that no more values of the whole lie
 * above x than of T + δ P, with P the projection on the last 32 rows and δ = ‖E‖² / (x − ‖B‖) (Haynsworth). So where
 * σ = λ_k(T) > ‖B‖, the k largest values of the whole lie between those of T and those of T + δ P with δ for x = σ: no value is
 * missed. ‖B‖_F² is what the columns of the band leave of ‖A‖_F².
 *
 * Source: Golub and Underwood, "The block Lanczos method for computing eigenvalues", 1977; Haynsworth, "Determination of the
 * inertia of a partitioned Hermitian matrix", 1968.
 */

/** Tries begin with so many columns for each value that is wanted: fewer do not suffice. */
const COLUMNS_FOR_EACH: usize = 2;

/** From one try to the next, in columns of tiles. */
const STEP: usize = 2;

/** ‖B‖ may be so many times σ of an earlier try, which grows, for another try to be made. */
const PROMISING: f64 = 1.5;

/** Half the distance from 1 to the next float64. */
const UNIT: f64 = 1.1102230246251565e-16;

/** Squares of norms are kept by orthogonal transformations to so many units for each row. */
const ROUNDINGS: f64 = 16;

/** What is known between two tries. */
@unmanaged
export class Trial {
  /** ‖A‖_F², and what the columns so far leave of it, ‖B‖_F². */
  squares: f64;
  squaresLeft: f64;
  /** λ_k(T) of the last try; negative where there was none. */
  least: f64;
  /** Whether the next try is due, and whether the last one has found the values. */
  due: i32;
  found: i32;
}

/** Counts the columns of the band that column p of tiles has become. Thread 0 calls it, for each p from 0 on. */
export function countColumn(at: usize, p: usize): void {
  const layout = changetype<Layout>(at);
  if (layout.leadingColumns == 0) return;
  const trial = changetype<Trial>(layout.trial);
  if (p == 0) {
    trial.squares = squaresOfTiles(layout);
    trial.squaresLeft = trial.squares;
    trial.least = -1;
    trial.found = 0;
  }
  const columns = (p + 1) << 5;
  for (let column = p << 5; column < columns; column++) {
    const entries = layout.band + (column << 9);
    const diagonal = load<f64>(entries);
    trial.squaresLeft -= 2 * dot(entries, entries, 64) - diagonal * diagonal;
  }
  const isTime = columns >= COLUMNS_FOR_EACH * <usize>layout.largest && columns <= layout.leadingColumns;
  const isPromising = trial.least < 0 || normLeft(layout, trial) < PROMISING * trial.least;
  trial.due = isTime && p % STEP == 0 && isPromising ? 1 : 0;
}

/**
 * Tries to find the values from the columns of tiles up to p, where a try is due. All threads call it.
 *
 * @returns whether they have been found: the largest ones, descending, with none missed.
 */
export function tryLeading(at: usize, p: usize, thread: i32, threads: i32): bool {
  const layout = changetype<Layout>(at);
  if (layout.leadingColumns == 0) return false;
  const trial = changetype<Trial>(layout.trial);
  if (trial.due == 0) return false;
  const columns = (p + 1) << 5;
  if (thread == 0) takeLeading(layout, columns, 0);
  let certified = largestOfBand(layout.leading, thread, threads);
  if (thread == 0) startOver(layout, columns, certified);
  meet(layout.meeting, threads);
  if (trial.due == 0) return false;
  certified = largestOfBand(layout.leading, thread, threads);
  if (thread == 0) trial.found = isEnclosed(layout, certified) ? 1 : 0;
  meet(layout.meeting, threads);
  return trial.found != 0;
}

/** With values of T: ends the try where they are not above ‖B‖, else keeps them and takes T + δ P. */
function startOver(layout: Layout, columns: usize, certified: i32): void {
  const trial = changetype<Trial>(layout.trial);
  const leading = changetype<Layout>(layout.leading);
  const bytes = (<usize>layout.largest) << 3;
  trial.least = load<f64>(leading.values + bytes - 8);
  const distance = trial.least - normLeft(layout, trial);
  trial.due = distance > 0 && certified == layout.largest ? 1 : 0;
  if (trial.due == 0) return;
  memory.copy(layout.values, leading.values, bytes);
  takeLeading(layout, columns, squaresOfCoupling(layout, columns) / distance);
}

/** Whether the values of T + δ P are those of T, as far as rounding goes. */
function isEnclosed(layout: Layout, certified: i32): bool {
  const leading = changetype<Layout>(layout.leading);
  if (certified != layout.largest) return false;
  const tolerance = UNIT * <f64>layout.order * load<f64>(layout.values);
  for (let i: usize = 0; i < (<usize>layout.largest) << 3; i += 8) {
    if (!(load<f64>(leading.values + i) - load<f64>(layout.values + i) <= tolerance)) return false;
  }
  return true;
}

/** Copies T, and adds a number to the last 32 entries of its diagonal. */
function takeLeading(layout: Layout, columns: usize, delta: f64): void {
  const leading = changetype<Layout>(layout.leading);
  const first = columns - 32;
  const end = leading.band + (columns << 9);
  leading.order = <i32>columns;
  memory.fill(leading.progress, 0, columns);
  memory.copy(leading.band, layout.band, columns << 9);
  memory.fill(end, 0, 96 << 9);
  for (let column = first; column < columns; column++) {
    const entries = leading.band + (column << 9);
    const own = (columns - column) << 3;
    memory.fill(entries + own, 0, 512 - own);
    store<f64>(entries, load<f64>(entries) + delta);
  }
}

/** A bound of ‖B‖. */
function normLeft(layout: Layout, trial: Trial): f64 {
  const rounding = ROUNDINGS * UNIT * <f64>layout.order * trial.squares;
  return sqrt(max(0, trial.squaresLeft) + rounding);
}

/** ‖E‖_F². */
function squaresOfCoupling(layout: Layout, columns: usize): f64 {
  let sum: f64 = 0;
  for (let column = columns - 32; column < columns; column++) {
    const entries = layout.band + (column << 9);
    for (let i = (columns - column) << 3; i < 512; i += 8) {
      sum += load<f64>(entries + i) * load<f64>(entries + i);
    }
  }
  return sum;
}

/** The sum of the squares of all entries of the matrix. */
function squaresOfTiles(layout: Layout): f64 {
  let sum: f64 = 0;
  let tile = layout.tiles;
  for (let column: usize = 0; column < layout.tileRows; column++) {
    for (let row = column; row < layout.tileRows; row++, tile += TILE) {
      sum += (row == column ? 1 : 2) * dot(tile, tile, 1024);
    }
  }
  return sum;
}
