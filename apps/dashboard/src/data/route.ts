'use client';
import { useSyncExternalStore } from 'react';
import { hashOf, routeOf, type Route } from '../lib/route.ts';

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

/** The screen that the address stands for now. */
export function useRoute(): Route {
  return routeOf(useSyncExternalStore(subscribe, () => window.location.hash));
}

export function goTo(route: Route): void {
  window.location.hash = hashOf(route);
}
