/**
 * What begins too late is skipped, and named by the summary: a run that is cut off in the middle has no report at all. `TESTS_UNTIL_S` says when the last test may begin, in seconds since 1970;
 * left out, every test runs. Its name is not one of MONSTA's own: a program that a test starts would refuse it as an unknown key of its configuration.
 */
import { beforeEach } from 'vitest';

const untilS = Number(process.env['TESTS_UNTIL_S'] ?? Number.POSITIVE_INFINITY);

beforeEach(({ skip }) => {
  skip(Date.now() / 1_000 > untilS, 'the time for tests was over');
});
