/** `node … FOLDER NAME`: takes a name, prints its token, and holds it until it is killed. */
import { expectOk } from '@monsta/core';
import { createFileLease } from './file-lease.ts';

const [, , directory = '', name = ''] = process.argv;
const hold = expectOk(await createFileLease(directory, () => 0).take(name, 'elsewhere'));
process.stdout.write(`${hold.token}\n`);
setInterval(() => undefined, 60_000);
