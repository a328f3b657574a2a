import { seededRandom, type Random } from '@monsta/core';
import { judge } from './documented-errors.test-support.ts';
import { DOCUMENTED_ENDPOINTS } from './documented-endpoints.test-support.ts';
import { frameProblem, fuzzedFrame } from './frame-fuzz.test-support.ts';
import { heapInUse, type FrameClient, type FuzzTarget } from './fuzz-target.test-support.ts';
import { fuzzedCall, logonFrame } from './session-fuzz.test-support.ts';
import { fuzzedRequest, honestRequest } from './request-fuzz.test-support.ts';

export interface FuzzReport {
  /** Wrong answers, each with all that is needed to ask again; looking ends when there are many. */
  readonly findings: readonly string[];
  /** How often each code came; `served` where the request was right after all. */
  readonly codes: ReadonlyMap<string, number>;
  /** Bytes by which the heap grew between the end of the first tenth and the end. */
  readonly heapGrowth: number;
}

const FINDINGS_MAX = 40;
/** Requests between two looks at whether an honest client is still served, and a moment of the market's time. */
const HONEST_EVERY = 500;

interface Finding {
  readonly at: number;
  readonly how: string;
  readonly problem: string;
  readonly sent: string;
  readonly answered: string;
}

const shown = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text);

/** Every documented endpoint asked as documented: only the ones that were not served, or refused for a reason of the market. */
async function honestFindings(target: FuzzTarget, random: Random, at: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const endpoint of DOCUMENTED_ENDPOINTS) {
    const request = honestRequest(endpoint, target.signer, random);
    const response = await target.request(request);
    const verdict = judge(response, '');
    // What names order 1 or list 1 may not find it.
    const maybeGone = [-2011, -2013, -2022, -2038].includes(verdict.code ?? 0);
    if (verdict.problem === null && (verdict.code === null || maybeGone)) continue;
    findings.push({
      at,
      how: `an honest ${request.method} ${request.path}`,
      problem: verdict.problem ?? `refused with ${verdict.code}`,
      sent: shown(request.rawQuery + request.body),
      answered: shown(String(response.body)),
    });
  }
  return findings;
}

class Tally {
  readonly findings: string[] = [];
  readonly codes = new Map<string, number>();

  count(code: string): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  add(finding: Finding): void {
    const { at, how, problem, sent, answered } = finding;
    if (!this.full) this.findings.push(`${problem} | case ${at}, ${how} | ${sent} | ${answered}`);
  }

  get full(): boolean {
    return this.findings.length >= FINDINGS_MAX;
  }
}

/** Sends malformed requests to the routes, with honest ones in between. */
export async function fuzzRequests(target: FuzzTarget, seed: number, cases: number): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const tally = new Tally();
  let heapBefore = 0;
  for (let at = 0; at < cases && !tally.full; at += 1) {
    if (at % HONEST_EVERY === 0) {
      await target.pass(200);
      for (const finding of await honestFindings(target, random, at)) tally.add(finding);
    }
    if (at === Math.floor(cases / 10)) heapBefore = heapInUse();
    const before = target.footprint();
    const { request, how, expects } = fuzzedRequest(target.signer, random);
    const response = await target.request(request);
    const sent = `${request.method} ${request.path}?${request.rawQuery} ${request.body} ${JSON.stringify(request.headers)}`;
    const { problem, code } = judge(response, sent);
    // Whoever is told no has changed nothing, unless half was done.
    if (code !== null && code !== -2021 && target.footprint() !== before) {
      tally.add({ at, how, problem: `refused with ${code}, and done`, sent: shown(sent), answered: '' });
    }
    tally.count(code === null ? 'served' : String(code));
    const unexpected =
      expects !== null && !expects.includes(code ?? 0)
        ? `${code ?? 'served'} instead of ${expects.join(' or ')}`
        : null;
    if (problem === null && unexpected === null) continue;
    tally.add({
      at,
      how,
      problem: problem ?? unexpected ?? '',
      sent: shown(sent),
      answered: shown(String(response.body)),
    });
  }
  return { findings: tally.findings, codes: tally.codes, heapGrowth: heapInUse() - heapBefore };
}

/** A frame in this many is sent on a fresh connection. */
const FRAMES_PER_CONNECTION = 50;

export interface Door {
  readonly path: string;
  readonly kind: 'streams' | 'api';
  readonly honest: string;
  /** True: connections log on first, and what is sent are calls that are nearly right. */
  readonly session?: boolean;
}

/** Sends malformed frames to a WebSocket's door. */
export async function fuzzFrames(target: FuzzTarget, door: Door, seed: number, cases: number): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const tally = new Tally();
  let heapBefore = 0;
  let client: FrameClient | null = null;
  const logon = door.session === true ? await logonFrame(target) : null;
  for (let at = 0; at < cases && !tally.full; at += 1) {
    if (at === Math.floor(cases / 10)) heapBefore = heapInUse();
    if (client === null || at % FRAMES_PER_CONNECTION === 0 || client.closedWith() !== null) {
      client?.leave();
      if (at % HONEST_EVERY === 0) await target.pass(200);
      client = target.connect(door.path);
      if (logon !== null) client.say(logon());
    }
    const sent = logon === null ? fuzzedFrame(random, door.kind) : fuzzedCall(target.signer, random);
    const before = target.footprint();
    client.say(sent);
    // What is answered later is heard by then.
    await Promise.resolve();
    for (const text of client.heard()) {
      const problem = frameProblem(text, door.kind, sent);
      const code = /"code":(-?\d+)/.exec(text)?.[1] ?? 'served';
      tally.count(code);
      if (code !== 'served' && code !== '-2021' && target.footprint() !== before) {
        tally.add({ at, how: door.path, problem: `refused with ${code}, and done`, sent: shown(sent), answered: '' });
      }
      if (problem !== null) tally.add({ at, how: door.path, problem, sent: shown(sent), answered: shown(text) });
    }
    if (at % HONEST_EVERY !== 0) continue;
    const honest = target.connect(door.path);
    honest.say(door.honest);
    await Promise.resolve();
    const answer = honest.heard().find((text) => text.includes('"result"'));
    if (answer === undefined)
      tally.add({ at, how: 'an honest frame', problem: 'no result', sent: door.honest, answered: '' });
    honest.leave();
  }
  client?.leave();
  return { findings: tally.findings, codes: tally.codes, heapGrowth: heapInUse() - heapBefore };
}
