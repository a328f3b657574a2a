import { US_PER_MS, type Result } from '@monsta/core';
import type { HttpRoute, IncomingRequest } from '@monsta/ports';
import { controlRoute, readJson, Refusal } from '../trading/simulation-control.ts';
import type { FaultDesk } from './fault-desk.ts';
import { readFaultPlan, readFaultRule } from './plan-reader.ts';

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Refusal(result.fault.message);
}

/** What `GET /sim/faults` answers: times in ms of the venue. */
function stateOf(desk: FaultDesk): unknown {
  return {
    seed: desk.seed,
    rules: desk.rules(),
    log: desk.log().map(({ atUs, ...record }) => ({ atMs: Math.floor(atUs / US_PER_MS), ...record })),
    logForgotten: desk.logForgotten,
  };
}

/** A plan has `rules` and replaces what there was; anything else is one rule more. */
function arm(desk: FaultDesk, request: IncomingRequest): unknown {
  const json = readJson(request);
  if (json['rules'] === undefined) {
    const id = valueOf(desk.add(valueOf(readFaultRule(json, desk.nextOrdinal))));
    return { seed: desk.seed, armed: [id] };
  }
  valueOf(desk.load(valueOf(readFaultPlan(json))));
  return { seed: desk.seed, armed: desk.rules().map(({ id }) => id) };
}

/** `/sim/faults`: POST a plan or a rule, GET what there is and what it did, DELETE all. For the machine itself only. */
export function faultRoutes(desk: FaultDesk, originHeaders: Readonly<Record<string, string>>): readonly HttpRoute[] {
  return [
    controlRoute('GET', 'faults', originHeaders, () => stateOf(desk)),
    controlRoute('POST', 'faults', originHeaders, (request) => arm(desk, request)),
    controlRoute('DELETE', 'faults', originHeaders, () => {
      desk.clear();
      return { seed: desk.seed, armed: [] };
    }),
  ];
}
