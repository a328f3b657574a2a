/** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

/** Does something that the first SIGTERM or SIGINT asks to end, by `cancel`. A second one ends the process at once. */
export async function untilAsked<T>(cancel: () => void, work: () => Promise<T>): Promise<T> {
  let asked = false;
  const stop = (): void => {
    if (asked) process.exit(1);
    asked = true;
    cancel();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    return await work();
  } finally {
    process.off('SIGTERM', stop);
    process.off('SIGINT', stop);
  }
}
