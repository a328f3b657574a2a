'use client';
import type { ReactNode } from 'react';
import { intervalMs } from '@monsta/core';
export default function Page(): ReactNode {
  return <p className="text-red-500">{intervalMs('1m')}</p>;
}
