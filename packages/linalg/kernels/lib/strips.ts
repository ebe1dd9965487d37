/**
 * The form in which matrices are multiplied: strips of four columns, one after the other; a strip has its rows one
 * after the other, four numbers each. Row counts are padded with zeros to a multiple of four, column counts too.
 */

/** The next multiple of four. */
export function padded(count: i32): i32 {
  return (count + 3) & ~3;
}

/**
 * Strips of a matrix that lies row after row.
 *
 * @param fromStride - bytes from one of its rows to the next.
 * @param float32 - whether its numbers are float32.
 */
export function stripsOfColumns(
  to: usize,
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
  float32: bool,
): void {
  const depth = padded(rows);
  for (let j = 0; j < columns; j += 4) {
    const width = min(4, columns - j);
    let source = from + ((<usize>j) << (float32 ? 2 : 3));
    const end = to + ((<usize>rows) << 5);
    if (width < 4) {
      memory.fill(to, 0, (<usize>rows) << 5);
      copyNarrow(to, 32, 8, source, fromStride, float32 ? 4 : 8, rows, width);
    } else if (float32) {
      copyColumns32(to, end, source, fromStride);
    } else {
      copyColumns64(to, end, source, fromStride);
    }
    memory.fill(end, 0, (<usize>(depth - rows)) << 5);
    to += (<usize>depth) << 5;
  }
}

function copyColumns64(to: usize, end: usize, from: usize, stride: usize): void {
  for (; to < end; to += 32, from += stride) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
}

function copyColumns32(to: usize, end: usize, from: usize, stride: usize): void {
  for (; to < end; to += 32, from += stride) {
    v128.store(to, f64x2.promote_low_f32x4(v128.load64_zero(from)));
    v128.store(to, f64x2.promote_low_f32x4(v128.load64_zero(from, 8)), 16);
  }
}

/** Strips of the transpose of a matrix that lies row after row: each holds four of its rows. */
export function stripsOfRows(
  to: usize,
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
  float32: bool,
): void {
  const depth = padded(columns);
  const whole = columns & ~3;
  const shift: usize = float32 ? 2 : 3;
  for (let i = 0; i < rows; i += 4) {
    const height = min(4, rows - i);
    if (height < 4 || whole < columns) {
      const at = height < 4 ? 0 : whole;
      const start = to + ((<usize>at) << 5);
      memory.fill(start, 0, (<usize>(depth - at)) << 5);
      copyNarrow(
        start,
        8,
        32,
        from + ((<usize>at) << shift),
        fromStride,
        float32 ? 4 : 8,
        height,
        columns - at,
      );
    }
    if (height == 4) {
      const end = to + ((<usize>whole) << 5);
      if (float32) copyRows32(to, end, from, fromStride);
      else copyRows64(to, end, from, fromStride);
    }
    from += 4 * fromStride;
    to += (<usize>depth) << 5;
  }
}

function copyRows64(to: usize, end: usize, from: usize, stride: usize): void {
  for (; to < end; to += 128, from += 32) {
    transpose(to, from, stride);
  }
}

function copyRows32(to: usize, end: usize, from: usize, stride: usize): void {
  for (; to < end; to += 64, from += 8) {
    const r0 = f64x2.promote_low_f32x4(v128.load64_zero(from));
    const r1 = f64x2.promote_low_f32x4(v128.load64_zero(from + stride));
    const r2 = f64x2.promote_low_f32x4(v128.load64_zero(from + 2 * stride));
    const r3 = f64x2.promote_low_f32x4(v128.load64_zero(from + 3 * stride));
    v128.store(to, v128.shuffle<f64>(r0, r1, 0, 2));
    v128.store(to, v128.shuffle<f64>(r2, r3, 0, 2), 16);
    v128.store(to, v128.shuffle<f64>(r0, r1, 1, 3), 32);
    v128.store(to, v128.shuffle<f64>(r2, r3, 1, 3), 48);
  }
}

/** A 4 × 4 block, transposed: its rows lie `stride` bytes apart, those of the result follow each other. */
export function transpose(to: usize, from: usize, stride: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    const r0 = v128.load(from);
    const r1 = v128.load(from + stride);
    const r2 = v128.load(from + 2 * stride);
    const r3 = v128.load(from + 3 * stride);
    v128.store(to, v128.shuffle<f64>(r0, r1, 0, 2));
    v128.store(to, v128.shuffle<f64>(r2, r3, 0, 2), 16);
    v128.store(to, v128.shuffle<f64>(r0, r1, 1, 3), 32);
    v128.store(to, v128.shuffle<f64>(r2, r3, 1, 3), 48);
    from += 16;
    to += 64;
  }
}

/** Minus a strip, transposed: each four rows of it become four columns, `toStride` bytes after the last four. */
export function transposeNegated(to: usize, toStride: usize, strip: usize, rows: i32): void {
  for (let i = 0; i < rows; i += 4, strip += 128, to += toStride) {
    transpose(to, strip, 32);
    for (let at: usize = 0; at < 128; at += 16) {
      v128.store(to + at, f64x2.neg(v128.load(to + at)));
    }
  }
}

/** Entry by entry, for what is left at the edges. */
function copyNarrow(
  to: usize,
  toRow: usize,
  toColumn: usize,
  from: usize,
  fromRow: usize,
  fromColumn: usize,
  rows: i32,
  columns: i32,
): void {
  for (let i = 0; i < rows; i++) {
    let source = from;
    let target = to;
    for (let j = 0; j < columns; j++) {
      store<f64>(target, fromColumn == 4 ? <f64>load<f32>(source) : load<f64>(source));
      source += fromColumn;
      target += toColumn;
    }
    from += fromRow;
    to += toRow;
  }
}
