import { writeSync } from 'node:fs';
import { expectOk } from '@monsta/core';
import { hoursOf } from './catalog.test-support.ts';
import { ParquetCatalog } from './parquet-catalog.ts';

/** Run as a process of its own: appends ten hours after the other without end, from `first` on, and prints how many there are after each. */
const [path = '', first = '0'] = process.argv.slice(2);
const catalog = new ParquetCatalog({ path, memoryMaxMb: 256, threads: 1 });
for (let from = Number(first); ; from += 10) {
  expectOk(await catalog.appendBars(hoursOf(from, 10)));
  writeSync(1, `${from + 10}\n`);
}
