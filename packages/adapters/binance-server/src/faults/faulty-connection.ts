import type { ServerSocket, Timer } from '@monsta/ports';
import type { OpenRecord } from './fault-log.ts';
import { isAt, type ArmedRule, type Strike, type Traffic } from './fault-injector.ts';
import type { CutHow, FaultAnswer, FreezeHow } from './fault-plan.ts';
import type { FaultTools } from './faulty-route.ts';
import { frameSubject, frameText, idText, parseJson, type FrameSubject } from './frame-subject.ts';
import { clueInAnswer, type OrderClue } from './order-clue.ts';
import { OutgoingFrames } from './outgoing-frames.ts';
import type { RequestFate } from './request-fate.ts';

type Frame = string | Uint8Array;

interface Frozen {
  /** What is sent when it is over; null: what comes meanwhile is lost. */
  readonly kept: Frame[] | null;
  readonly timer: Timer | null;
}

interface Reordering {
  readonly frames: Frame[];
  readonly timer: Timer;
}

/** The key of a freeze of everything. */
const ALL = '*';
/** Answers that a fault waits for; a client that asks for more without ever being answered loses the oldest. */
const FATES_MAX = 1_000;

/** What will become of an answer, and which order its request meant. */
interface Expected {
  readonly fate: RequestFate;
  readonly clue: OrderClue;
}

interface AnswerFields {
  readonly result?: unknown;
  readonly rateLimits?: unknown;
}

/** One client's connection with the faults between it and the server: what goes out passes here. */
export class FaultyConnection implements ServerSocket {
  readonly id: number;
  readonly remoteAddress: string;
  /** The n-th connection of the server, from 1. */
  readonly ordinal: number;
  /** What its address named: the path, and the path with its query. */
  readonly paths: readonly string[];
  /** The streams that it is subscribed to. */
  readonly streams: Set<string>;
  readonly out: OutgoingFrames;
  readonly #socket: ServerSocket;
  readonly #tools: FaultTools;
  readonly #frozen = new Map<string, Frozen>();
  readonly #reordering = new Map<ArmedRule, Reordering>();
  readonly #fates = new Map<string, Expected>();
  /** The key with which the connection has logged on, if it has. */
  sessionKey: string | null = null;

  constructor(
    socket: ServerSocket,
    tools: FaultTools,
    ordinal: number,
    paths: readonly string[],
    streams: readonly string[],
  ) {
    this.id = socket.id;
    this.remoteAddress = socket.remoteAddress;
    this.ordinal = ordinal;
    this.paths = paths;
    this.streams = new Set(streams);
    this.out = new OutgoingFrames(socket, tools.clock);
    this.#socket = socket;
    this.#tools = tools;
  }

  bufferedBytes(): number {
    return this.#socket.bufferedBytes() + this.out.heldBytes;
  }

  ping(payload?: string): void {
    this.#socket.ping(payload);
  }

  close(code: number, reason: string): void {
    for (const armed of this.#reordering.keys()) this.#shuffleOut(armed);
    this.out.close(code, reason);
  }

  terminate(): void {
    this.out.terminate();
  }

  traffic(channel: Traffic['channel'], subjects: readonly string[]): Traffic {
    const to = `connection ${this.ordinal} of ${this.remoteAddress}`;
    return { channel, httpMethod: null, subjects, connection: this.ordinal, to };
  }

  send(frame: Frame): void {
    // Kept short: every frame to every client passes here.
    if (!this.#tools.injector.watchesFrames && this.#frozen.size === 0 && this.#fates.size === 0) {
      this.out.send(frame);
      return;
    }
    const subject = frameSubject(frame, this.streams);
    const expected = subject.channel === 'answer' ? this.#fates.get(subject.id) : undefined;
    if (subject.channel !== 'answer' || expected === undefined) {
      this.#pass(frame, subject);
      return;
    }
    this.#fates.delete(subject.id);
    this.#answer(frame, expected);
  }

  #pass(frame: Frame, subject: FrameSubject): void {
    const isTraffic = subject.channel === 'stream' || subject.channel === 'user-data';
    const frozen = this.#frozen.get(ALL) ?? (isTraffic ? this.#frozen.get(subject.key) : undefined);
    if (frozen !== undefined) {
      if (frozen.kept !== null && this.out.hold(frame.length)) frozen.kept.push(frame);
      return;
    }
    if (!isTraffic) {
      this.out.send(frame);
      return;
    }
    const traffic = this.traffic(subject.channel, subject.subjects);
    for (const [armed, { frames }] of this.#reordering) {
      if (!isAt(armed.rule, traffic)) continue;
      if (this.out.hold(frame.length)) frames.push(frame);
      if (armed.rule.fault.kind === 'reorder' && frames.length >= armed.rule.fault.window) this.#shuffleOut(armed);
      return;
    }
    const strike = this.#tools.injector.strikeFirst(traffic);
    if (strike === null) this.out.send(frame);
    else this.#suffer(frame, subject.key, strike);
  }

  #suffer(frame: Frame, key: string, { fault, armed, record }: Strike): void {
    switch (fault.kind) {
      case 'drop':
        record.note = 'lost';
        return;
      case 'delay': {
        const delayMs = fault.delayMs + (fault.jitterMs === 0 ? 0 : armed.random.integer(fault.jitterMs + 1));
        record.note = `${delayMs} ms later, and all behind it`;
        this.out.send(frame, delayMs);
        return;
      }
      case 'duplicate':
        record.note = `sent ${fault.copies + 1} times`;
        this.out.send(frame);
        this.#repeat(frame, fault.copies, fault.delayMs);
        return;
      case 'reorder':
        if (!this.out.hold(frame.length)) return;
        record.note = `the first of ${fault.window} that change places`;
        this.#reordering.set(armed, {
          frames: [frame],
          timer: this.out.later(fault.holdMs, () => this.#shuffleOut(armed)),
        });
        return;
      case 'freeze':
        this.freeze(fault.scope === 'connection' ? ALL : key, fault, record);
        if (fault.frames === 'kept' && this.out.hold(frame.length))
          this.#frozen.get(fault.scope === 'connection' ? ALL : key)?.kept?.push(frame);
        return;
      case 'cut':
        record.note = fault.moment === 'before' ? 'lost, and the connection cut' : 'sent, then the connection cut';
        if (fault.moment === 'after') this.out.send(frame);
        this.cut(fault);
        return;
      default:
        record.note = `nothing: ${fault.kind} does not apply to frames`;
        this.out.send(frame);
    }
  }

  #repeat(frame: Frame, copies: number, delayMs: number): void {
    for (let copy = 0; copy < copies; copy += 1) {
      if (delayMs === 0) {
        this.out.send(frame);
        continue;
      }
      if (!this.out.hold(frame.length)) return;
      this.out.later(delayMs, () => {
        this.out.hold(-frame.length);
        this.out.send(frame);
      });
    }
  }

  /** Sends what was collected for a rule, in another order than it came where there are two or more. */
  #shuffleOut(armed: ArmedRule): void {
    const reordering = this.#reordering.get(armed);
    if (reordering === undefined) return;
    this.#reordering.delete(armed);
    reordering.timer.cancel();
    const order = reordering.frames.map((_, index) => index);
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = armed.random.integer(last + 1);
      [order[last], order[other]] = [order[other] ?? last, order[last] ?? other];
    }
    // The draw can leave all in place: then the first comes last.
    if (order.every((place, index) => place === index)) order.push(...order.splice(0, 1));
    for (const place of order) {
      const frame = reordering.frames[place];
      if (frame === undefined) continue;
      this.out.hold(-frame.length);
      this.out.send(frame);
    }
  }

  /** Lets nothing of `key` (null: nothing at all) go out from now on. */
  freeze(key: string | null, how: FreezeHow, record: OpenRecord): void {
    const frozen = key ?? ALL;
    if (this.#frozen.has(frozen)) {
      record.note = 'nothing: it is frozen already';
      return;
    }
    const timer = how.forMs === null ? null : this.out.later(how.forMs, () => this.#thaw(frozen));
    this.#frozen.set(frozen, { kept: how.frames === 'kept' ? [] : null, timer });
    const what = frozen === ALL ? 'everything' : frozen;
    record.note = `${what} silent ${how.forMs === null ? 'from now on' : `for ${how.forMs} ms`}; frames are ${how.frames}`;
  }

  /** Ends a freeze, and sends what it kept. */
  #thaw(key: string): void {
    const frozen = this.#frozen.get(key);
    if (frozen === undefined) return;
    this.#frozen.delete(key);
    frozen.timer?.cancel();
    for (const frame of frozen.kept ?? []) {
      this.out.hold(-frame.length);
      this.out.send(frame);
    }
  }

  /** The client has left a stream: what made it silent is over. */
  left(stream: string): void {
    for (const key of this.#frozen.keys()) if (key.split(' ').includes(stream)) this.#thaw(key);
  }

  /** Ends every fault that lasts: what was frozen with its frames kept, delayed or collected goes out now. */
  release(): void {
    for (const armed of this.#reordering.keys()) this.#shuffleOut(armed);
    for (const key of this.#frozen.keys()) this.#thaw(key);
    this.#fates.clear();
    this.out.flush();
  }

  cut({ closeCode, reason }: CutHow): void {
    if (closeCode === null) this.out.terminate();
    else this.out.close(closeCode, reason);
  }

  /** What will become of the answer to a request. */
  expect(id: unknown, fate: RequestFate, clue: OrderClue): void {
    if (this.#fates.size >= FATES_MAX) {
      const [oldest] = this.#fates.keys();
      if (oldest !== undefined) this.#fates.delete(oldest);
    }
    this.#fates.set(idText(id), { fate, clue });
  }

  #answer(frame: Frame, { fate: { after, duplicate }, clue }: Expected): void {
    const answer = parseJson(frameText(frame)) as AnswerFields;
    for (const strike of after.fills) this.#tools.fills.fill(strike, clueInAnswer(answer.result, clue));
    const finish = (): void => {
      const fault = after.end?.fault;
      if (fault === undefined) this.#pass(frame, { channel: 'other' });
      else if (fault.kind === 'cut') this.cut(fault);
      else if (fault.kind !== 'silence') this.refuse(answer, fault);
      if (duplicate !== null && fault === undefined) this.#repeat(frame, duplicate.copies, duplicate.delayMs);
    };
    if (after.delayMs === 0) finish();
    else this.out.later(after.delayMs, finish);
  }

  /** Answers a request with a fault's error, in the form that its door has; `request` is it or its true answer. */
  refuse(request: { readonly id?: unknown; readonly rateLimits?: unknown }, answer: FaultAnswer): void {
    const { status, code, message: msg, retryAfterS } = answer;
    const id = request.id ?? null;
    const serverTime = Math.floor(this.#tools.injector.nowUs() / 1_000);
    const data = retryAfterS === null ? undefined : { serverTime, retryAfter: serverTime + retryAfterS * 1_000 };
    const { rateLimits } = request;
    const body = this.isApi ? { id, status, error: { code, msg, data }, rateLimits } : { error: { code, msg }, id };
    this.#pass(JSON.stringify(body), { channel: 'other' });
  }

  /** True for the WebSocket API, false for streams. */
  get isApi(): boolean {
    return this.paths[0]?.startsWith('/ws-api') ?? false;
  }
}
