import type { ReactNode } from 'react';

/** How much of something is done. */
export function ProgressTrack({ label, share }: { readonly label: string; readonly share: number }): ReactNode {
  return (
    <progress
      aria-label={label}
      max={1}
      value={share}
      className="h-1.5 w-full min-w-16 appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-[var(--accent)] [&::-webkit-progress-bar]:bg-[var(--raised)] [&::-webkit-progress-value]:bg-[var(--accent)]"
    />
  );
}
