'use client';
import { livenessOf, type Liveness } from '../lib/liveness.ts';
import { useConnection } from './connection.ts';
import { useStatus } from './queries.ts';

/** Whether the figures of an instrument are live. */
export function useLiveness(instrument: string): Liveness {
  const { state, lastClose } = useConnection();
  const { data } = useStatus();
  const feed = data?.feeds.find((each) => each.instrument === instrument);
  return livenessOf(state, lastClose !== null, feed);
}
