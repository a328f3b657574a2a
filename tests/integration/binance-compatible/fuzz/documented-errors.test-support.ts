import type { OutgoingResponse } from '@monsta/ports';

/**
 * Every code that errors.md lists for REST and the WebSocket API, except those that say that the server itself failed (−1000, −1001,
 * −1006, −1007, −1008, −1016) and those of FIX and SBE, plus −5000, which Binance gives for a path or method that does not exist.
 */
const DOCUMENTED_CODES: ReadonlySet<number> = new Set([
  -1002, -1003, -1010, -1013, -1014, -1015, -1020, -1021, -1022, -1033, -1034, -1099, -1100, -1101, -1102, -1103, -1104,
  -1105, -1106, -1108, -1110, -1111, -1112, -1114, -1115, -1116, -1117, -1118, -1119, -1120, -1121, -1122, -1125, -1127,
  -1128, -1130, -1131, -1134, -1135, -1139, -1145, -1151, -1158, -1160, -1165, -1166, -1167, -1168, -1193, -1194, -1196,
  -1197, -1198, -1199, -1202, -1203, -1204, -1205, -1206, -1207, -1208, -1209, -1210, -1211, -1220, -2010, -2011, -2013,
  -2014, -2015, -2016, -2021, -2022, -2026, -2028, -2035, -2036, -2038, -2039, -2042, -5000,
]);

/** What the documentation gives its codes for, as HTTP: bad requests, no permission, no such path, half done, limits, gone. */
const STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 409, 410, 413, 418, 429]);

/** Traces of a value that was never put into a text, or of one that is nothing. */
const UNFILLED = /%s|%d|undefined|\bNaN\b|\[object|Infinity/;

interface ErrorBody {
  readonly code?: unknown;
  readonly msg?: unknown;
}

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // Reported by the caller as an answer that is no JSON.
    return null;
  }
}

/** Why `{"code","msg"}` is no documented error, or null. `echoes`: what the request said, which a text may repeat. */
export function errorProblem(error: ErrorBody, echoes: string): string | null {
  const { code, msg } = error;
  if (typeof code !== 'number' || !DOCUMENTED_CODES.has(code))
    return `the code ${JSON.stringify(code)} is not documented`;
  if (typeof msg !== 'string' || msg === '') return 'there is no message';
  const unfilled = UNFILLED.exec(msg);
  return unfilled !== null && !echoes.includes(unfilled[0]) ? `the message is unfinished: ${msg}` : null;
}

export interface Verdict {
  readonly problem: string | null;
  /** Null where the request was served. */
  readonly code: number | null;
}

/** Whether an answer is one that Binance documents: a success as JSON, or a documented error with a fitting status. */
export function judge(response: OutgoingResponse, echoes: string): Verdict {
  const text = typeof response.body === 'string' ? response.body : new TextDecoder().decode(response.body);
  if (response.cut === true) return { problem: 'the connection was cut', code: null };
  const json = parsed(text);
  if (json === null) return { problem: `status ${response.status} with a body that is no JSON`, code: null };
  if (response.status === 200) return { problem: null, code: null };
  if (!STATUSES.has(response.status)) return { problem: `status ${response.status}`, code: null };
  if (typeof json.value !== 'object' || json.value === null) return { problem: 'the error is no object', code: null };
  const error: ErrorBody & { readonly data?: unknown } = json.value;
  const problem = errorProblem(error, echoes);
  const fields = Object.keys(error).filter((name) => name !== 'code' && name !== 'msg');
  const mayHaveData = error.code === -2021 || error.code === -2022;
  if (fields.some((name) => name !== 'data' || !mayHaveData)) {
    return { problem: `an error with fields ${fields.join()}`, code: null };
  }
  return { problem, code: typeof error.code === 'number' ? error.code : null };
}
