'use client';
import { useSyncExternalStore, type ReactNode } from 'react';
import { Application } from '../components/frame/application.tsx';

const never = (): (() => void) => () => undefined;

/** The exported file holds only this frame: language, time zone and data are known in the browser. */
export default function Page(): ReactNode {
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  if (inBrowser) return <Application />;
  return <p className="p-4 text-muted">MONSTA</p>;
}
