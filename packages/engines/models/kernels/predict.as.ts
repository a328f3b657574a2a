// Walks trees of 16-byte nodes: threshold f64 at 0; at 8 the byte offset of the column in the row, its lowest bit set where a missing value goes right; at 12 the address of the left child, the right one
// following it. A leaf has its number in the threshold's place, a column that is −Infinity in every row, and itself as left child: walking on from a leaf stays there.
// A node that splits by a set of categories has bit 1 set beside the column and bit 2 where the set goes right; in the threshold's place stand the address of the set (u32) and its words (u32).

function step(node: usize, row: usize): usize {
  const value = load<f64>(row + (load<u32>(node, 8) & ~7));
  return load<u32>(node, 12) + (u32(value > load<f64>(node)) << 4);
}

function stepMissing(node: usize, row: usize): usize {
  const column = load<u32>(node, 8);
  const value = load<f64>(row + (column & ~7));
  const right = u32(value > load<f64>(node)) | (u32(value != value) & column & 1);
  return load<u32>(node, 12) + (right << 4);
}

function stepSets(node: usize, row: usize): usize {
  const column = load<u32>(node, 8);
  const value = load<f64>(row + (column & ~7));
  let right: u32;
  if (value != value) right = column & 1;
  else if (column & 2) {
    const category = <u32>(<i32>value);
    const word = category >>> 5;
    const inSet =
      value >= 0 && word < load<u32>(node, 4)
        ? (load<u32>(<usize>load<u32>(node) + (word << 2)) >>> (category & 31)) & 1
        : 0;
    right = u32(inSet == ((column >>> 2) & 1));
  } else right = u32(value > load<f64>(node));
  return load<u32>(node, 12) + (right << 4);
}

/** One row through `count` trees, some of whose nodes split by sets; otherwise as `walkTrees`, tree by tree. */
export function walkTreesSets(count: i32, roots: usize, row: usize, out: usize): void {
  for (let tree = 0; tree < count; ++tree) {
    let node: usize = load<u32>(roots);
    while (true) {
      const next = stepSets(node, row);
      if (next == node) break;
      node = next;
    }
    store<f64>(out, load<f64>(node));
    roots += 4;
    out += 8;
  }
}

/** One row through `groups` groups of 8 trees: their roots (u32 each) at `roots`, the depth of each group (u32) at `depths`; the leaves' numbers go to `out` (f64 each). */
export function walkTrees(groups: i32, roots: usize, depths: usize, row: usize, out: usize): void {
  for (let group = 0; group < groups; ++group) {
    let a: usize = load<u32>(roots),
      b: usize = load<u32>(roots, 4),
      c: usize = load<u32>(roots, 8),
      d: usize = load<u32>(roots, 12);
    let e: usize = load<u32>(roots, 16),
      f: usize = load<u32>(roots, 20),
      g: usize = load<u32>(roots, 24),
      h: usize = load<u32>(roots, 28);
    for (let level = load<u32>(depths); level != 0; --level) {
      a = step(a, row);
      b = step(b, row);
      c = step(c, row);
      d = step(d, row);
      e = step(e, row);
      f = step(f, row);
      g = step(g, row);
      h = step(h, row);
    }
    store<f64>(out, load<f64>(a));
    store<f64>(out, load<f64>(b), 8);
    store<f64>(out, load<f64>(c), 16);
    store<f64>(out, load<f64>(d), 24);
    store<f64>(out, load<f64>(e), 32);
    store<f64>(out, load<f64>(f), 40);
    store<f64>(out, load<f64>(g), 48);
    store<f64>(out, load<f64>(h), 56);
    roots += 32;
    depths += 4;
    out += 64;
  }
}

/** The same for a row with missing values (NaN). */
export function walkTreesMissing(groups: i32, roots: usize, depths: usize, row: usize, out: usize): void {
  for (let group = 0; group < groups; ++group) {
    let a: usize = load<u32>(roots),
      b: usize = load<u32>(roots, 4),
      c: usize = load<u32>(roots, 8),
      d: usize = load<u32>(roots, 12);
    let e: usize = load<u32>(roots, 16),
      f: usize = load<u32>(roots, 20),
      g: usize = load<u32>(roots, 24),
      h: usize = load<u32>(roots, 28);
    for (let level = load<u32>(depths); level != 0; --level) {
      a = stepMissing(a, row);
      b = stepMissing(b, row);
      c = stepMissing(c, row);
      d = stepMissing(d, row);
      e = stepMissing(e, row);
      f = stepMissing(f, row);
      g = stepMissing(g, row);
      h = stepMissing(h, row);
    }
    store<f64>(out, load<f64>(a));
    store<f64>(out, load<f64>(b), 8);
    store<f64>(out, load<f64>(c), 16);
    store<f64>(out, load<f64>(d), 24);
    store<f64>(out, load<f64>(e), 32);
    store<f64>(out, load<f64>(f), 40);
    store<f64>(out, load<f64>(g), 48);
    store<f64>(out, load<f64>(h), 56);
    roots += 32;
    depths += 4;
    out += 64;
  }
}

/** `groups` groups of 8 rows, `stride` bytes apart, through one tree; the leaves' numbers go to `out` (f64 each). */
export function walkRows(groups: i32, root: usize, depth: i32, rows: usize, stride: usize, out: usize): void {
  for (let group = 0; group < groups; ++group) {
    const r1 = rows + stride,
      r2 = r1 + stride,
      r3 = r2 + stride,
      r4 = r3 + stride,
      r5 = r4 + stride,
      r6 = r5 + stride,
      r7 = r6 + stride;
    let a = root,
      b = root,
      c = root,
      d = root,
      e = root,
      f = root,
      g = root,
      h = root;
    for (let level = depth; level != 0; --level) {
      a = step(a, rows);
      b = step(b, r1);
      c = step(c, r2);
      d = step(d, r3);
      e = step(e, r4);
      f = step(f, r5);
      g = step(g, r6);
      h = step(h, r7);
    }
    store<f64>(out, load<f64>(a));
    store<f64>(out, load<f64>(b), 8);
    store<f64>(out, load<f64>(c), 16);
    store<f64>(out, load<f64>(d), 24);
    store<f64>(out, load<f64>(e), 32);
    store<f64>(out, load<f64>(f), 40);
    store<f64>(out, load<f64>(g), 48);
    store<f64>(out, load<f64>(h), 56);
    rows = r7 + stride;
    out += 64;
  }
}

/** The same for rows with missing values (NaN). */
export function walkRowsMissing(groups: i32, root: usize, depth: i32, rows: usize, stride: usize, out: usize): void {
  for (let group = 0; group < groups; ++group) {
    const r1 = rows + stride,
      r2 = r1 + stride,
      r3 = r2 + stride,
      r4 = r3 + stride,
      r5 = r4 + stride,
      r6 = r5 + stride,
      r7 = r6 + stride;
    let a = root,
      b = root,
      c = root,
      d = root,
      e = root,
      f = root,
      g = root,
      h = root;
    for (let level = depth; level != 0; --level) {
      a = stepMissing(a, rows);
      b = stepMissing(b, r1);
      c = stepMissing(c, r2);
      d = stepMissing(d, r3);
      e = stepMissing(e, r4);
      f = stepMissing(f, r5);
      g = stepMissing(g, r6);
      h = stepMissing(h, r7);
    }
    store<f64>(out, load<f64>(a));
    store<f64>(out, load<f64>(b), 8);
    store<f64>(out, load<f64>(c), 16);
    store<f64>(out, load<f64>(d), 24);
    store<f64>(out, load<f64>(e), 32);
    store<f64>(out, load<f64>(f), 40);
    store<f64>(out, load<f64>(g), 48);
    store<f64>(out, load<f64>(h), 56);
    rows = r7 + stride;
    out += 64;
  }
}
