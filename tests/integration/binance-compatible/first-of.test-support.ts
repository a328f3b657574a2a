/** The first thing that a subscription hears; it is ended then. What a client gives for ending one is a function. */
export function firstOf<T>(subscribe: (heard: (value: T) => void) => () => unknown): Promise<T> {
  return new Promise((resolve) => {
    let stop: (() => unknown) | null = null;
    let first: { readonly value: T } | null = null;
    const end = (): void => {
      if (first === null || stop === null) return;
      stop();
      resolve(first.value);
    };
    stop = subscribe((value) => {
      if (first !== null) return;
      first = { value };
      end();
    });
    end();
  });
}
