import { Layout } from './layout';
import { countColumn, tryLeading } from './leadingBand';
import { decompose, triangularFactor } from './panel';
import { meet, partOf } from './threads';
import {
  addProduct,
  addRankUpdate,
  addTransposedProduct,
  packEights,
  packPairs,
  packPanels,
  ROW,
  TILE,
} from './tiles';

/**
 * Reduces the tiles to a band of 32 entries below the diagonal, or until the values that are wanted follow from the columns so far.
 * All threads call it.
 *
 * Column p of tiles is decomposed into Y and R below its diagonal tile; I − Y T Yᵀ from both sides turns the rest A into
 * A − Y Zᵀ − Z Yᵀ with X = A Y, S = Tᵀ Yᵀ X T and Z = X T − ½ Y S. This update is put off and done in the same pass over
 * the tiles that multiplies them with the next Y, so that each comes from memory once a column.
 *
 * Source: Dongarra, Sorensen, Hammarling, "Block reduction of matrices to condensed forms for eigenvalue computations", 1989;
 * Bischof, Lang, Sun, "A framework for symmetric band reduction", 2000.
 *
 * @returns whether the values have been found.
 */
export function reduceToBand(at: usize, thread: i32, threads: i32): bool {
  const layout = changetype<Layout>(at);
  const last = layout.tileRows - 1;
  if (thread == 0) memory.fill(layout.band, 0, ((layout.tileRows << 5) + 96) << 9);
  for (let p: usize = 0; p <= last; p++) {
    updateColumn(layout, p, thread, threads);
    meet(layout.meeting, threads);
    if (thread == 0) {
      decomposeColumn(layout, p);
      countColumn(at, p);
    }
    if (p == last) break;
    meet(layout.meeting, threads);
    if (tryLeading(at, p, thread, threads)) return true;
    spreadReflections(layout, p, thread, threads);
    meet(layout.meeting, threads);
    for (let row = p + 1; row <= last; row++) {
      if (takes(layout, row, thread, threads)) passRow(layout, p, row);
    }
    meet(layout.meeting, threads);
    for (let row = p + 1; row <= last; row++) {
      if (takes(layout, row, thread, threads)) sumParts(layout, row);
    }
    meet(layout.meeting, threads);
    prepareUpdate(layout, p, thread, threads);
    meet(layout.meeting, threads);
  }
  return false;
}

/** Whether a thread takes a row of tiles. */
function takes(layout: Layout, row: usize, thread: i32, threads: i32): bool {
  return partOf(row, layout.parts) % <usize>threads == <usize>thread;
}

/** The tile in a row and a column, which is not right of the diagonal. */
function tileAt(layout: Layout, row: usize, column: usize): usize {
  const above = column * layout.tileRows - ((column * (column + 1)) >> 1);
  return layout.tiles + (above + row) * TILE;
}

/** Brings column p of tiles up to date, and writes it where it is decomposed. */
function updateColumn(layout: Layout, p: usize, thread: i32, threads: i32): void {
  for (let row = p; row < layout.tileRows; row++) {
    if (!takes(layout, row, thread, threads)) continue;
    const tile = tileAt(layout, row, p);
    if (p > 0) addRankUpdate(tile, layout.u + 2 * row * TILE, layout.v + 2 * p * TILE);
    if (row > p) transposeTile(layout.panel + (row - p - 1) * ROW, layout.panelStride, tile);
  }
}

/** Writes a tile with its columns one after the other. */
export function transposeTile(target: usize, stride: usize, tile: usize): void {
  for (let j: usize = 0; j < 32; j++) {
    let from = tile + (j << 3);
    let to = target + j * stride;
    for (let i = 0; i < 32; i++) {
      store<f64>(to, load<f64>(from));
      from += ROW;
      to += 8;
    }
  }
}

/** Writes the rows of a tile, whose columns lie one after the other. */
export function gatherTile(tile: usize, source: usize, stride: usize): void {
  for (let j: usize = 0; j < 32; j++) {
    let from = source + j * stride;
    let to = tile + (j << 3);
    for (let i = 0; i < 32; i++) {
      store<f64>(to, load<f64>(from));
      from += 8;
      to += ROW;
    }
  }
}

/** Column p of the band: its diagonal tile, and R of the tiles below. */
function decomposeColumn(layout: Layout, p: usize): void {
  const diagonal = tileAt(layout, p, p);
  for (let column: usize = 0; column < 32; column++) {
    const to = layout.band + ((p << 5) + column) * 512;
    for (let row = column; row < 32; row++) {
      store<f64>(to + ((row - column) << 3), load<f64>(diagonal + row * ROW + (column << 3)));
    }
  }
  const below = layout.tileRows - 1 - p;
  if (below == 0) return;
  for (let column: usize = 0; column < 32; column++) {
    const end = layout.panel + column * layout.panelStride + below * ROW;
    store<f64>(end, 0);
    store<f64>(end, 0, 8);
  }
  const r = layout.own;
  decompose(layout.panel, layout.panelStride, below << 5, layout.reflections, r);
  for (let column: usize = 0; column < 32; column++) {
    const to = layout.band + ((p << 5) + column) * 512;
    for (let row: usize = 0; row <= column; row++) {
      store<f64>(to + ((32 + row - column) << 3), load<f64>(r + row * ROW + (column << 3)));
    }
  }
}

/** Y as the products want it, YᵀY, and X set to zero. */
function spreadReflections(layout: Layout, p: usize, thread: i32, threads: i32): void {
  for (let part = <usize>thread; part < layout.parts; part += <usize>threads) {
    const first = layout.x + (part * layout.tileRows + p + 1) * TILE;
    memory.fill(first, 0, (layout.tileRows - 1 - p) * TILE);
    memory.fill(layout.yy + part * TILE, 0, TILE);
    memory.fill(layout.yx + part * TILE, 0, TILE);
  }
  for (let row = p + 1; row < layout.tileRows; row++) {
    if (!takes(layout, row, thread, threads)) continue;
    const y = layout.y + row * TILE;
    const panels = layout.yPanels + row * TILE;
    gatherTile(y, layout.panel + (row - p - 1) * ROW, layout.panelStride);
    packPanels(panels, y);
    addTransposedProduct(layout.yy + partOf(row, layout.parts) * TILE, y, panels);
  }
}

/** One row of the pass over the tiles: the update that was put off, and the products with Y. */
function passRow(layout: Layout, p: usize, row: usize): void {
  const x = layout.x + partOf(row, layout.parts) * layout.tileRows * TILE;
  const xRow = x + row * TILE;
  const yRow = layout.yPanels + row * TILE;
  const u = layout.u + 2 * row * TILE;
  for (let column = p + 1; column <= row; column++) {
    const tile = tileAt(layout, row, column);
    if (p > 0) addRankUpdate(tile, u, layout.v + 2 * column * TILE);
    addProduct(xRow, tile, layout.yPanels + column * TILE);
    if (column < row) addTransposedProduct(x + column * TILE, tile, yRow);
  }
}

/** A row of tiles of X, summed over the parts into the first one, and its share of YᵀX. */
function sumParts(layout: Layout, row: usize): void {
  const sum = layout.x + row * TILE;
  for (let part: usize = 1; part < layout.parts; part++) {
    addTile(sum, sum + part * layout.tileRows * TILE);
  }
  // U is free again: its row is room for X in panels.
  const panels = layout.u + 2 * row * TILE;
  packPanels(panels, sum);
  addTransposedProduct(layout.yx + partOf(row, layout.parts) * TILE, layout.y + row * TILE, panels);
}

/** C += A. */
export function addTile(c: usize, a: usize): void {
  for (const end = c + TILE; c < end; c += 16, a += 16) {
    v128.store(c, f64x2.add(v128.load(c), v128.load(a)));
  }
}

/** Z, and with it the factors of the update. */
function prepareUpdate(layout: Layout, p: usize, thread: i32, threads: i32): void {
  const own = layout.own + 8 * <usize>thread * TILE;
  const t = own + TILE;
  const tPanels = own + 2 * TILE;
  const s = own + 3 * TILE;
  const product = own + 4 * TILE;
  const z = own + 5 * TILE;

  sumTiles(own, layout.yy, layout.parts);
  triangularFactor(t, layout.reflections, own);
  packPanels(tPanels, t);
  sumTiles(own, layout.yx, layout.parts);
  memory.fill(product, 0, TILE);
  addProduct(product, own, tPanels);
  packPanels(own, product);
  memory.fill(product, 0, TILE);
  addTransposedProduct(product, t, own);
  for (let i: usize = 0; i < TILE; i += 8) store<f64>(product + i, -0.5 * load<f64>(product + i));
  packPanels(s, product);

  for (let row = p + 1; row < layout.tileRows; row++) {
    if (!takes(layout, row, thread, threads)) continue;
    const y = layout.y + row * TILE;
    memory.fill(z, 0, TILE);
    addProduct(z, layout.x + row * TILE, tPanels);
    addProduct(z, y, s);
    const u = layout.u + 2 * row * TILE;
    packPairs(u, y, 0);
    packPairs(u, z, 32);
    const v = layout.v + 2 * row * TILE;
    packEights(v, z, 0);
    packEights(v, y, 32);
  }
}

function sumTiles(sum: usize, tiles: usize, count: usize): void {
  memory.copy(sum, tiles, TILE);
  for (let i: usize = 1; i < count; i++) addTile(sum, tiles + i * TILE);
}
