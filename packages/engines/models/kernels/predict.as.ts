// Walks trees of 16-byte nodes: threshold f64 at 0; at 8 the byte offset of the column in the row, its lowest bit set where a missing value goes right; at 12 the address of the left child, the right one
// following it. A leaf has its number in the threshold's place, a column that is −Infinity in every row, and itself as left child: walking on from a leaf stays there.
// A node that splits by a set of categories has bit 1 set beside the column and bit 2 where the set goes right; in the threshold's place stand the address of the set (u32) and its words (u32).

/** Ways to take a step, told apart by their sizes when compiled: rows without missing values, and with such. */
type Plain = u8;
type Missing = u16;

/** The child that the row goes to, without a branch: eight walks at once run ahead of their loads. */
function step<Way>(node: usize, row: usize): usize {
  const column = load<u32>(node, 8);
  const value = load<f64>(row + (column & ~7));
  let right = u32(value > load<f64>(node));
  if (sizeof<Way>() == sizeof<Missing>()) right |= u32(value != value) & column & 1;
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

/** One row through `count` trees, some of whose nodes split by sets; otherwise as `walkTrees`, but tree by tree: few steps come upon a set, and a branch that is foreseen
 * costs less than looking for one at each. */
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

function throughTrees<Way>(groups: i32, roots: usize, depths: usize, row: usize, out: usize): void {
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
      a = step<Way>(a, row);
      b = step<Way>(b, row);
      c = step<Way>(c, row);
      d = step<Way>(d, row);
      e = step<Way>(e, row);
      f = step<Way>(f, row);
      g = step<Way>(g, row);
      h = step<Way>(h, row);
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

/** One row through `groups` groups of 8 trees: their roots (u32 each) at `roots`, the depth of each group (u32) at `depths`; the leaves' numbers go to `out` (f64 each). */
export function walkTrees(groups: i32, roots: usize, depths: usize, row: usize, out: usize): void {
  throughTrees<Plain>(groups, roots, depths, row, out);
}

/** The same for a row with missing values (NaN). */
export function walkTreesMissing(groups: i32, roots: usize, depths: usize, row: usize, out: usize): void {
  throughTrees<Missing>(groups, roots, depths, row, out);
}

function rowsThrough<Way>(groups: i32, root: usize, depth: i32, rows: usize, stride: usize, out: usize): void {
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
      a = step<Way>(a, rows);
      b = step<Way>(b, r1);
      c = step<Way>(c, r2);
      d = step<Way>(d, r3);
      e = step<Way>(e, r4);
      f = step<Way>(f, r5);
      g = step<Way>(g, r6);
      h = step<Way>(h, r7);
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

/** `groups` groups of 8 rows, `stride` bytes apart, through one tree; the leaves' numbers go to `out` (f64 each). */
export function walkRows(groups: i32, root: usize, depth: i32, rows: usize, stride: usize, out: usize): void {
  rowsThrough<Plain>(groups, root, depth, rows, stride, out);
}

/** The same for rows with missing values (NaN). */
export function walkRowsMissing(groups: i32, root: usize, depth: i32, rows: usize, stride: usize, out: usize): void {
  rowsThrough<Missing>(groups, root, depth, rows, stride, out);
}
