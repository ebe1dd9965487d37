/** Where things lie in the memory: written by src/symmetricProblem.ts, in this order, at the address that functions are given. */
@unmanaged
export class Layout {
  /** n. */
  order: i32;
  /** How many values are wanted. */
  largest: i32;
  /** Rows of tiles: n / 32, rounded up. */
  tileRows: usize;
  /** Into how many parts the work is split. */
  parts: usize;
  /** What was found, descending where not all are wanted, else in no order. */
  values: usize;
  /** Where threads meet: zeros at the beginning. */
  meeting: usize;
  /** How far each group of sweeps has come: zeros at the beginning. */
  progress: usize;
  /** The row of the packed triangle that each row comes from. */
  places: usize;
  /** The matrix as it is given: its lower triangle, row after row, padded with zeros to an order that four divides. */
  packed: usize;
  /** The largest absolute value of each of its parts. */
  largestOfParts: usize;
  /** The matrix: columns of tiles, each from its diagonal tile down. */
  tiles: usize;
  /** A column of tiles, its 32 columns one after the other. */
  panel: usize;
  /** From one column of it to the next. */
  panelStride: usize;
  /** τ of each of its reflections and the entry that it leaves. */
  reflections: usize;
  /** Y, a tile for each row of tiles, and the same in panels. */
  y: usize;
  yPanels: usize;
  /** For each part the rows of tiles of X. */
  x: usize;
  /** The factors of the update, two tiles for each row of tiles. */
  u: usize;
  v: usize;
  /** A tile for each part of Yᵀ Y and of Yᵀ X. */
  yy: usize;
  yx: usize;
  /** For each thread eight tiles of its own. */
  own: usize;
  /** The band: for each column 64 entries from the diagonal down. */
  band: usize;
  /** The tridiagonal matrix, and the squares of what couples its rows. */
  diagonal: usize;
  offDiagonal: usize;
  squares: usize;
  /** How many columns of the band the largest values are looked for in, at most; 0 where in none but all. */
  leadingColumns: usize;
  /** What is known of them so far: a {@link Trial}. */
  trial: usize;
  /** The layout of a copy of these columns, as a band of its own: whatever follows the band is to be found there. */
  leading: usize;
}
