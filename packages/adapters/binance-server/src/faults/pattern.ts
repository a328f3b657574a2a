/** True when `text` is what `pattern` says; `*` stands for any run of characters. Takes at most length × length steps, whatever the pattern. */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let retry = 0;
  while (position < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at;
      retry = position;
      at += 1;
    } else if (at < pattern.length && pattern[at] === text[position]) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      retry += 1;
      position = retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
