import type { Strike } from './fault-injector.ts';
import type { Fault, FaultAnswer, Moment } from './fault-plan.ts';

type Of<K extends Fault['kind']> = Extract<Fault, { readonly kind: K }>;

/** What happens to a request on one side of its handling, in this order: orders trade, time passes, the end. */
export interface FateSide {
  readonly fills: readonly Strike<Of<'fill'>>[];
  readonly delayMs: number;
  /** How the request ends here; null: it goes on. */
  readonly end: Strike<Of<'refuse'> | Of<'fail'> | Of<'silence'> | Of<'cut'>> | null;
}

/** All that happens to one request. */
export interface RequestFate {
  readonly before: FateSide;
  readonly after: FateSide;
  /** The answer comes more than once. */
  readonly duplicate: Of<'duplicate'> | null;
  /** What becomes of the answer's body, in this order. */
  readonly damages: readonly Strike<Of<'damage'>>[];
}

interface OpenSide {
  fills: Strike<Of<'fill'>>[];
  delayMs: number;
  end: FateSide['end'];
}

/** Puts the strikes on one request together: fills and delays add up, of several ends the first counts. */
export function requestFate(strikes: readonly Strike[]): RequestFate {
  const open = (): OpenSide => ({ fills: [], delayMs: 0, end: null });
  const sides: Readonly<Record<Moment, OpenSide>> = { before: open(), after: open() };
  let duplicate: Of<'duplicate'> | null = null;
  const damages: Strike<Of<'damage'>>[] = [];
  const end = (moment: Moment, strike: NonNullable<FateSide['end']>, note: string): void => {
    const side = sides[moment];
    const earlier = sides.before.end ?? side.end;
    strike.record.note = earlier === null ? note : `nothing: ${earlier.record.rule} has ended the request`;
    side.end ??= strike;
  };
  for (const { fault, armed, record } of strikes) {
    switch (fault.kind) {
      case 'fill':
        sides[fault.moment].fills.push({ fault, armed, record });
        break;
      case 'delay': {
        const delayMs = fault.delayMs + (fault.jitterMs === 0 ? 0 : armed.random.integer(fault.jitterMs + 1));
        sides[fault.moment].delayMs += delayMs;
        record.note = `${fault.moment === 'before' ? 'handled' : 'answered'} ${delayMs} ms later`;
        break;
      }
      case 'refuse':
        end('before', { fault, armed, record }, `not handled; answered ${fault.status} ${fault.code}`);
        break;
      case 'fail':
        end('after', { fault, armed, record }, `handled; answered ${fault.status} ${fault.code}`);
        break;
      case 'silence':
        end(fault.moment, { fault, armed, record }, `${handled(fault.moment)}; never answered`);
        break;
      case 'cut':
        end(fault.moment, { fault, armed, record }, `${handled(fault.moment)}; connection cut`);
        break;
      case 'duplicate':
        duplicate = fault;
        record.note = `answered ${fault.copies + 1} times`;
        break;
      case 'damage':
        damages.push({ fault, armed, record });
        break;
      default:
        record.note = `nothing: ${fault.kind} does not apply to requests`;
    }
  }
  return { ...sides, duplicate, damages };
}

const handled = (moment: Moment): string => (moment === 'before' ? 'not handled' : 'handled');

/** The body of a fault's answer, and what it is. */
export function answerBody({ code, message, status, body }: FaultAnswer): {
  readonly type: string;
  readonly text: string;
} {
  if (body === 'json') return { type: 'application/json;charset=UTF-8', text: JSON.stringify({ code, msg: message }) };
  return {
    type: 'text/html',
    text: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
  };
}
