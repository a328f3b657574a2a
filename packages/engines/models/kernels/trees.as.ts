/** out[i] = a[i] − b[i] over `count` f64, an even number of them. */
export function subtract(count: i32, a: usize, b: usize, out: usize): void {
  for (let offset = 0; offset < count << 3; offset += 16)
    v128.store(out + offset, f64x2.sub(v128.load(a + offset), v128.load(b + offset)));
}
